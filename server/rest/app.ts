/** All that is served over HTTP: the REST calls under `/v1`, health, and the pages. */
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { languageList } from '../../account/language-list.ts';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import type { Model } from '../../config/models.ts';
import type { Pricing } from '../../config/prices.ts';
import type { EngineView } from '../../protocol/rooms.ts';
import { limits } from '../limits.ts';
import type { MediaWorkers } from '../media/media-workers.ts';
import type { RoomRules } from '../room/room-rules.ts';
import type { Transcripts } from '../transcript/transcripts.ts';
import { captionRoutes } from './captions.ts';
import { forEveryOrigin } from './cross-origin.ts';
import { healthRoutes, languageRoutes } from './health.ts';
import { interpreterRoutes } from './interpreters.ts';
import { type JoinSettings, joinRoutes } from './join.ts';
import { type Measured, metricsRoutes } from './metrics.ts';
import { openapiRoutes } from './openapi.ts';
import { pageRoutes } from './pages.ts';
import { problems, unknownCall } from './problems.ts';
import { roomRoutes } from './rooms.ts';
import { securityHeaders } from './security-headers.ts';
import { transcriptRoutes } from './transcript.ts';
import { usageRoutes } from './usage.ts';

export interface AppSettings extends JoinSettings, Measured {
  model: Model;
  pricing: Pricing;
  engine: EngineView;
  transcriptHours: number;
  pages: string;
  workers: MediaWorkers;
  spending: UsageAccounting;
  transcripts: Transcripts;
  rules: RoomRules;
  log: Logger;
}

export function restApp(settings: AppSettings): Express {
  const { passes, rules, model, rooms, workers, transcripts, spending, log } = settings;
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders);
  app.use(healthRoutes(workers));
  app.use(metricsRoutes(settings));
  app.use('/v1', (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(['/v1/languages', '/v1/rooms/:room/captions', '/openapi.json', '/widget.js', '/assets'], forEveryOrigin);
  app.use(openapiRoutes());
  app.use('/v1', express.json({ limit: limits.jsonBytes }));
  app.use('/v1', languageRoutes(languageList(settings)));
  app.use('/v1', joinRoutes(settings));
  app.use('/v1', roomRoutes(passes, rooms));
  app.use('/v1', interpreterRoutes(passes, rooms, model, spending));
  app.use('/v1', captionRoutes(passes, rules, rooms, log));
  app.use('/v1', transcriptRoutes(passes, rules, rooms, transcripts));
  app.use('/v1', usageRoutes(passes, spending));
  app.use('/v1', unknownCall);
  app.use(pageRoutes(settings.pages));
  app.use(problems(log));
  return app;
}
