/** `GET /openapi.json`: the REST calls for machines, out of the schemas that they are checked with. Open to everyone. */
import { Router } from 'express';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverrideContext,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import packageJson from '../../package.json' with { type: 'json' };
import * as rest from '../../protocol/rest.ts';
import { RoomName, RoomView } from '../../protocol/rooms.ts';
import { type Call, calls } from './calls.ts';

export function openapiRoutes(): Router {
  const router = Router();
  const document = openapi();
  router.get('/openapi.json', (_request, response) => {
    response.json(document);
  });
  return router;
}

export function openapi() {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Booth',
        version: packageJson.version,
        description:
          'Tokens come in the header `Authorization: Bearer <token>`. Errors are problem documents (RFC 9457).',
      },
      paths: Object.fromEntries(Object.entries(calls).map(([path, methods]) => [path, pathOf(path, methods)])),
      components: {
        schemas: named,
        securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
    { override: mayGrow },
  );
}

/** A later server may tell more than this one. */
function mayGrow({ jsonSchema, io }: ZodOpenApiOverrideContext): void {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
}

/** Schemas that are told once and referred to. */
const named = {
  Problem: rest.Problem,
  Readiness: rest.Readiness,
  LanguagesResponse: rest.LanguagesResponse,
  JoinRequest: rest.JoinRequest,
  JoinResponse: rest.JoinResponse,
  TokenRequest: rest.TokenRequest,
  InviteRequest: rest.InviteRequest,
  InviteResponse: rest.InviteResponse,
  RoomSummary: rest.RoomSummary,
  RoomChange: rest.RoomSettingsChange,
  RoomView,
  InterpreterRequest: rest.InterpreterRequest,
  InterpreterChange: rest.InterpreterChange,
  InterpreterView: rest.InterpreterView,
  Transcript: rest.Transcript,
  RoomUsage: rest.RoomUsage,
  AccountUsage: rest.AccountUsage,
};

const pathParameters: Record<string, z.ZodType> = { room: RoomName, id: z.string() };

function pathOf(path: string, methods: Partial<Record<string, Call>>): ZodOpenApiPathsObject[string] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) => {
    const schema = pathParameters[name];
    return schema ? [[name, schema] as const] : [];
  });
  const parameters = inPath.length > 0 ? z.object(Object.fromEntries(inPath)) : undefined;
  return Object.fromEntries(
    Object.entries(methods).flatMap(([method, call]) => (call ? [[method, operation(call, parameters)]] : [])),
  );
}

function operation(call: Call, path: z.ZodObject | undefined): ZodOpenApiOperationObject {
  const { summary, rights, body, query, answers, types = ['application/json'] } = call;
  const responses = Object.entries(answers).map(([status, schema]) => [
    status,
    schema
      ? { description: summary, content: Object.fromEntries(types.map((type) => [type, { schema: as(type, schema) }])) }
      : { description: summary },
  ]);
  return {
    summary,
    // Any one of these grants is enough.
    security: rights ? rights.map((right) => ({ token: [right] })) : [],
    ...((path || query) && { requestParams: { ...(path && { path }), ...(query && { query }) } }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { ...Object.fromEntries(responses), default: problem },
  };
}

const problem = { description: 'What went wrong', content: { 'application/problem+json': { schema: rest.Problem } } };

const as = (type: string, schema: z.ZodType): z.ZodType => (type === 'application/json' ? schema : z.string());
