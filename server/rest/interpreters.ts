/** The interpreter of a room: its state, and what hosts ask of it [host, admin]. */

import {
  ApiError,
  InterpreterChange,
  InterpreterFenceView,
  InterpreterList,
  InterpreterRequest,
  InterpreterView,
  type LanguageCode,
  type LanguageSettings,
  RoomName,
} from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import type { Model } from '../../config/models.ts';
import type { InterpreterStatsCollector } from '../interpreter-stats.ts';
import { requireLanguageSettings, requireModel, requirePictures, requireTargets } from '../room/request-checks.ts';
import type { Room } from '../room/room.ts';
import type { Rooms } from '../room/rooms.ts';
import { requireServer } from './authorization.ts';
import { json, NO_CONTENT, type Route, route } from './route.ts';

const params = z.object({ room: RoomName });
const withId = params.extend({ id: z.string() });

export interface InterpreterRouteDeps {
  rooms: Rooms;
  model: Model;
  usage: UsageAccounting;
  interpreterStats: InterpreterStatsCollector;
}

export const interpreterRoutes = ({ rooms, model, usage, interpreterStats }: InterpreterRouteDeps): Route[] => [
  route({
    method: 'get',
    path: '/v1/rooms/{room}/interpreters',
    summary: 'The interpreter of a room',
    grants: ['host', 'admin'],
    params,
    answers: { 200: InterpreterList },
    handle({ params: { room } }) {
      const { view } = rooms.get(room).interpreter;
      return json(200, { interpreters: view ? [withCounts(room, view, usage, interpreterStats)] : [] });
    },
  }),

  route({
    method: 'get',
    path: '/v1/rooms/{room}/interpreters/{id}',
    summary: 'How an interpreter is doing: state, packets, speech, errors, delays',
    grants: ['host', 'admin'],
    params: withId,
    answers: { 200: InterpreterView },
    handle({ params: { room, id } }) {
      return json(200, withCounts(room, rooms.get(room).interpreter.viewOf(id), usage, interpreterStats));
    },
  }),

  route({
    method: 'get',
    path: '/v1/rooms/{room}/interpreters/{id}/fence',
    summary: 'Which run of an interpreter may speak: its worker asks, where it cannot reach Redis',
    grants: ['interpret', 'admin'],
    params: withId,
    answers: { 200: InterpreterFenceView },
    handle: ({ params: { room, id } }) => json(200, { fence: rooms.get(room).interpreter.fenceOf(id) }),
  }),

  route({
    method: 'post',
    path: '/v1/rooms/{room}/interpreters',
    summary: 'Sends an interpreter in; one that is there stays as it is (200)',
    grants: ['host', 'admin'],
    params,
    body: InterpreterRequest,
    answers: { 200: InterpreterView, 201: InterpreterView },
    async handle({ params, body }) {
      const options = requestedOf(body, model);
      const { view, launched } = requested(await rooms.obtain(params.room), options);
      return json(launched ? 201 : 200, view);
    },
  }),

  route({
    method: 'post',
    path: '/v1/rooms/{room}/ahead',
    summary: 'Between servers: opens a room that is about to move here, with an interpreter',
    grants: ['interpret'],
    params,
    body: InterpreterRequest,
    answers: { 200: InterpreterView },
    async handle({ claims, params, body }) {
      requireServer(claims);
      const options = requestedOf(body, model);
      return json(200, requested(await rooms.obtain(params.room, { ahead: true }), options).view);
    },
  }),

  route({
    method: 'patch',
    path: '/v1/rooms/{room}/interpreters/{id}',
    summary: 'Gives it another budget, or none',
    grants: ['host', 'admin'],
    params: withId,
    body: InterpreterChange,
    answers: { 200: InterpreterView },
    handle({ params: { room, id }, body: { budget } }) {
      return json(200, rooms.get(room).interpreter.setBudget(id, budget ?? undefined));
    },
  }),

  route({
    method: 'post',
    path: '/v1/rooms/{room}/interpreters/{id}/restart',
    summary: 'Ends it and starts it anew, with the same settings and what is left of its budget',
    grants: ['host', 'admin'],
    params: withId,
    answers: { 200: InterpreterView },
    async handle({ params: { room, id } }) {
      return json(200, await rooms.get(room).interpreter.restart(id));
    },
  }),

  route({
    method: 'delete',
    path: '/v1/rooms/{room}/interpreters/{id}',
    summary: 'Sends it away',
    grants: ['host', 'admin'],
    params: withId,
    answers: { 204: null },
    async handle({ params: { room, id } }) {
      await rooms.get(room).interpreter.dismiss(id);
      return NO_CONTENT;
    },
  }),
];

/** The languages, and the settings of each. @throws {ApiError} where the request contradicts itself */
/** @throws {ApiError} where the model does not do what is asked for */
function requestedOf({ model: id, ...request }: InterpreterRequest, model: Model): ReturnType<typeof optionsOf> {
  requireModel(model, id);
  const options = optionsOf(request);
  requireTargets(model, options.languages);
  requireTargets(model, Object.keys(options.languageSettings));
  requireLanguageSettings(model, options.languageSettings);
  requirePictures(model, options.pictures);
  return options;
}

function requested(room: Room, options: ReturnType<typeof optionsOf>): ReturnType<Room['interpreter']['request']> {
  if (options.languages !== 'auto') room.requireLanguages({ hears: 'original', reads: options.languages });
  return room.interpreter.request(options);
}

function optionsOf({ languages: wanted, allow, languageSettings = {}, ...options }: Omit<InterpreterRequest, 'model'>) {
  if (allow && wanted !== 'auto')
    throw new ApiError(
      'invalid',
      '"allow" goes with "languages": "auto"; a list of languages says by itself what is allowed',
    );
  const languages = allow ?? wanted;
  if (languages === 'auto') return { ...options, languages, languageSettings: withoutEmpty(languageSettings) };
  const listed = languages.map((one) => (typeof one === 'string' ? { code: one } : one));
  const codes = listed.map(({ code }) => code);
  for (const code of Object.keys(languageSettings))
    if (!codes.includes(code))
      throw new ApiError(
        'invalid',
        `there are settings for ${code}, which is not among the languages: ${codes.join(', ')}`,
      );
  const own = withoutEmpty(Object.fromEntries(listed.map(({ code, ...settings }) => [code, settings])));
  return { ...options, languages: codes, languageSettings: { ...withoutEmpty(languageSettings), ...own } };
}

const withoutEmpty = (
  languageSettings: Record<LanguageCode, LanguageSettings>,
): Record<LanguageCode, LanguageSettings> =>
  Object.fromEntries(Object.entries(languageSettings).filter(([, settings]) => Object.keys(settings).length > 0));

function withCounts(
  room: string,
  view: InterpreterView,
  usage: UsageAccounting,
  interpreterStats: InterpreterStatsCollector,
): InterpreterView {
  const stats = interpreterStats.view(view.id);
  return { ...view, ...sentPictures(usage, room, view), ...(stats && { stats }) };
}

function sentPictures(
  usage: UsageAccounting,
  room: string,
  { pictures }: InterpreterView,
): Pick<InterpreterView, 'shown'> {
  if (pictures === 'off') return {};
  const { count = 0, tokens, money } = usage.roomUsage(room).total.kinds.picture;
  return { shown: { pictures: count, tokens, ...(money !== undefined && { money }) } };
}
