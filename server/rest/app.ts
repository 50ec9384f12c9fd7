/** All that is served over HTTP: the REST calls, and the pages. */

import { LanguagesResponse, SIGNAL_PATH } from '@mediasoup-booth/protocol';
import express, { type Express, type RequestHandler, Router } from 'express';
import type { Logger } from 'pino';
import { type LanguageOffer, modelLanguages } from '../../account/language-list.ts';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import { pathPrefix } from '../../config/server-url.ts';
import { limits } from '../limits.ts';
import type { RoomDirectory } from '../room/room-directory.ts';
import type { RoomRules } from '../room/room-rules.ts';
import type { Transcripts } from '../transcript/transcripts.ts';
import { blockedUpgrades } from './blocked-upgrades.ts';
import { captionsRoute } from './captions.ts';
import { credentialRoutes } from './credentials.ts';
import { allowEveryOrigin } from './cross-origin.ts';
import { passOnElsewhere } from './elsewhere.ts';
import { type HealthDeps, healthRoutes } from './health.ts';
import { interpreterRoutes } from './interpreters.ts';
import { joinRoute } from './join.ts';
import { openapiRoute } from './openapi.ts';
import { type OverviewDeps, overviewRoute } from './overview.ts';
import { pageRoutes } from './pages.ts';
import { problems, unknownCall } from './problems.ts';
import { roomRoutes } from './rooms.ts';
import { json, mount, type Route, route } from './route.ts';
import { securityHeaders } from './security-headers.ts';
import { type SignInDeps, signInRoutes } from './sign-in.ts';
import { transcriptRoutes } from './transcript.ts';
import { usageRoutes } from './usage.ts';
import { webhookRoutes } from './webhooks.ts';

export interface RestDeps extends HealthDeps, SignInDeps, LanguageOffer, OverviewDeps {
  rules: RoomRules;
  directory: RoomDirectory;
  transcripts: Transcripts;
  usage: UsageAccounting;
  /** Milliseconds since 1970. */
  wallNow(): number;
  /** Folder of the built pages. */
  pages: string;
  log: Logger;
}

export function restApp(deps: RestDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.isTrustedProxy);
  app.use(securityHeaders(deps.publicUrl, deps.directory.isShared));
  const served = everything(deps);
  const prefix = pathPrefix(deps.publicUrl);
  // A proxy may pass on the path under which people see the server, or strip it.
  if (prefix !== '') app.use(prefix, toFolder(prefix), served);
  app.use(served);
  app.use(problems(deps.log));
  return app;
}

function everything(deps: RestDeps): Router {
  const router = Router();
  router.use('/v1', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.use(['/widget.js', '/meeting.js', '/assets', SIGNAL_PATH], allowEveryOrigin);
  router.get(SIGNAL_PATH, blockedUpgrades(deps));
  if (deps.directory.isShared) router.use('/v1/rooms/:room', passOnElsewhere(deps.directory));
  router.use('/v1', express.json({ limit: limits.jsonBytes }));
  router.use(mount(restRoutes(deps), deps.tokens));
  router.use('/v1', unknownCall);
  router.use(pageRoutes(deps.pages));
  return router;
}

/** The pages' relative addresses need the slash at the end of the path. */
const toFolder =
  (prefix: string): RequestHandler =>
  ({ originalUrl }, response, next) => {
    const [path, ...query] = originalUrl.split('?');
    if (path === prefix) response.redirect(308, [`${prefix}/`, ...query].join('?'));
    else next();
  };

/** Every REST call that there is. */
export function restRoutes(deps: RestDeps): Route[] {
  const { tokens, rooms, rules, model, usage, transcripts } = deps;
  const routes = [
    ...healthRoutes(deps),
    languagesRoute(modelLanguages(deps)),
    joinRoute(deps),
    ...signInRoutes(deps),
    ...roomRoutes(rooms),
    ...credentialRoutes(tokens, rooms, deps),
    ...interpreterRoutes({ rooms, model, usage, interpreterStats: deps.metrics.interpreters }),
    captionsRoute(deps),
    ...transcriptRoutes(rules, rooms, transcripts, deps.webhooks),
    ...usageRoutes(usage),
    ...webhookRoutes(deps.webhooks),
    overviewRoute(deps),
  ];
  return [...routes, openapiRoute(routes)];
}

const languagesRoute = (languages: LanguagesResponse): Route =>
  route({
    method: 'get',
    path: '/v1/languages',
    summary: 'What the running engine can do, and what it costs',
    answers: { 200: LanguagesResponse },
    crossOrigin: true,
    handle: () => json(200, languages),
  });
