/** `GET /openapi.json`: the REST calls as they are served, from their own declarations. Open to everyone. */

import * as rest from '@mediasoup-booth/protocol';
import { RoomView } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverrideContext,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import { json, type Route, type RouteDescription, route } from './route.ts';

/** The call that documents `others`, and itself. */
export function openapiRoute(others: readonly Route[]): Route {
  const own: Route = route({
    method: 'get',
    path: '/openapi.json',
    summary: 'These calls',
    answers: { 200: z.looseObject({}) },
    crossOrigin: true,
    handle: () => json(200, document),
  });
  const document: Record<string, unknown> = { ...openapi([...others, own]) };
  return own;
}

export function openapi(routes: readonly RouteDescription[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const each of routes) paths[each.path] = { ...paths[each.path], [each.method]: operation(each) };
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Booth',
        version: packageJson.version,
        description:
          'Tokens come in the header `Authorization: Bearer <token>`. Errors are problem documents (RFC 9457).',
      },
      paths,
      webhooks: webhookMessages(),
      components: {
        schemas: namedSchemas,
        securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    { override: allowMoreFields },
  );
}

/** Answers may gain fields: a client of this document accepts those of a later server. */
function allowMoreFields({ jsonSchema, io }: ZodOpenApiOverrideContext): void {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

/** Schemas that stand in the document once and are referred to. */
const namedSchemas = {
  Problem: rest.Problem,
  Readiness: rest.Readiness,
  LanguagesResponse: rest.LanguagesResponse,
  JoinRequest: rest.JoinRequest,
  JoinResponse: rest.JoinResponse,
  TokenRequest: rest.TokenRequest,
  InviteRequest: rest.InviteRequest,
  InviteResponse: rest.InviteResponse,
  Revocation: rest.Revocation,
  RoomSummary: rest.RoomSummary,
  RoomChange: rest.RoomSettingsChange,
  RoomView,
  InterpreterRequest: rest.InterpreterRequest,
  InterpreterChange: rest.InterpreterChange,
  InterpreterView: rest.InterpreterView,
  Transcript: rest.Transcript,
  RoomUsage: rest.RoomUsage,
  AccountUsage: rest.AccountUsage,
  WebhookEndpointView: rest.WebhookEndpointView,
  LoggedProblem: rest.LoggedProblem,
  RoomOverview: rest.RoomOverview,
  Overview: rest.Overview,
};

/** The messages that webhooks send, each under the name of its event. */
function webhookMessages(): ZodOpenApiPathsObject {
  return Object.fromEntries(
    rest.WebhookEventType.options.map((type) => [
      type,
      {
        post: {
          summary: rest.webhookSummaries[type],
          description: 'Signed by the Standard Webhooks specification (https://www.standardwebhooks.com).',
          security: [],
          requestParams: { header: WebhookHeaders },
          requestBody: { required: true, content: { 'application/json': { schema: rest.webhookPayload(type) } } },
          responses: {
            '2XX': { description: 'The message is taken' },
            410: { description: 'No more messages are wanted: the endpoint is disabled' },
            default: { description: 'The message is sent again' },
          },
        },
      },
    ]),
  );
}

const WebhookHeaders = z.object({
  'webhook-id': z.string().meta({ description: 'Of the message: the same with each attempt' }),
  'webhook-timestamp': z.string().meta({ description: 'When it was sent, in seconds since 1970' }),
  'webhook-signature': z.string().meta({
    description: 'v1, and HMAC-SHA256 of id.timestamp.body as base64; one for each secret, with a blank between them',
  }),
});

function operation(described: RouteDescription): ZodOpenApiOperationObject {
  const { summary, grants, params, query, body, answers } = described;
  return {
    summary,
    // Any one of these grants is enough.
    security: (grants ?? []).map((grant) => ({ token: [grant] })),
    ...((params || query) && { requestParams: { ...(params && { path: params }), ...(query && { query }) } }),
    ...(body && { requestBody: { required: isRequired(body), content: { 'application/json': { schema: body } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, answer(described, schema)])),
      default: problem,
    },
  };
}

function answer({ summary, types = ['application/json'] }: RouteDescription, schema: z.ZodType | null) {
  if (!schema) return { description: summary };
  const media = types.map((type) => [type, { schema: type === 'application/json' ? schema : z.string() }]);
  return { description: summary, content: Object.fromEntries(media) };
}

const isRequired = (body: z.ZodType): boolean => !body.safeParse(undefined).success;

const problem = { description: 'What went wrong', content: { 'application/problem+json': { schema: rest.Problem } } };
