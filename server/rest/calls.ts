/** The REST calls: what each does, who may make it, and the schemas of what goes in and comes out. */
import { z } from 'zod';
import * as rest from '../../protocol/rest.ts';
import { RoomView } from '../../protocol/rooms.ts';

/** What a token grants; that it is of this room, too, unless it grants `admin`. */
type Right = 'subscribe' | 'host' | 'admin';

export interface Call {
  summary: string;
  /** What the token must grant; absent: no token. */
  rights?: readonly Right[];
  body?: z.ZodType;
  query?: z.ZodObject;
  /** By status; nothing: an answer without a body. */
  answers: Record<number, z.ZodType | undefined>;
  /** Other types than JSON that the answer may have, or has instead. */
  types?: readonly string[];
}

const forHosts = ['host', 'admin'] as const;
const forReaders = ['subscribe', 'admin'] as const;
const forAdmins = ['admin'] as const;

/** By path and method. */
export const calls: Record<string, Partial<Record<'get' | 'post' | 'patch' | 'delete', Call>>> = {
  '/healthz': { get: { summary: 'Whether the server lives', answers: { 200: z.object({ status: z.literal('ok') }) } } },
  '/readyz': {
    get: {
      summary: 'Whether it can take people in, and why not',
      answers: { 200: rest.Readiness, 503: rest.Readiness },
    },
  },
  '/metrics': {
    get: { summary: 'Counts, as Prometheus reads them', answers: { 200: z.string() }, types: ['text/plain'] },
  },
  '/openapi.json': { get: { summary: 'These calls', answers: { 200: z.looseObject({}) } } },
  '/v1/languages': {
    get: { summary: 'What the running engine can do, and what it costs', answers: { 200: rest.LanguagesResponse } },
  },
  '/v1/join': {
    post: {
      summary: 'An invite becomes a token; without one in development, from this computer alone',
      body: rest.JoinRequest,
      answers: { 201: rest.JoinResponse },
    },
  },
  '/v1/rooms': {
    get: { summary: 'Rooms that are open', rights: forAdmins, answers: { 200: rest.RoomList } },
    post: {
      summary: 'Opens a room; one that is open stays as it is (200)',
      rights: forAdmins,
      body: rest.RoomRequest,
      answers: { 200: rest.RoomSummary, 201: rest.RoomSummary },
    },
  },
  '/v1/rooms/{room}': {
    get: { summary: 'A room that is open', rights: forAdmins, answers: { 200: rest.RoomSummary } },
    patch: {
      summary: 'Settles whether people come in one by one, and whether a transcript is kept',
      rights: forHosts,
      body: rest.RoomSettingsChange,
      answers: { 200: RoomView },
    },
    delete: { summary: 'Ends the meeting for all', rights: forAdmins, answers: { 204: undefined } },
  },
  '/v1/rooms/{room}/tokens': {
    post: {
      summary: 'Makes a token for a participant',
      rights: forHosts,
      body: rest.TokenRequest,
      answers: { 201: rest.JoinResponse },
    },
  },
  '/v1/rooms/{room}/tokens/{id}': {
    delete: { summary: 'Revokes a token, and sends its holder away', rights: forHosts, answers: { 204: undefined } },
  },
  '/v1/rooms/{room}/invites': {
    post: {
      summary: 'Makes an invite, which anyone who has it exchanges for a token',
      rights: forHosts,
      body: rest.InviteRequest,
      answers: { 201: rest.InviteResponse },
    },
  },
  '/v1/rooms/{room}/invites/{id}': {
    delete: {
      summary: 'Revokes an invite, and sends away who came with it',
      rights: forHosts,
      answers: { 204: undefined },
    },
  },
  '/v1/rooms/{room}/interpreters': {
    get: { summary: 'The interpreter of a room', rights: forHosts, answers: { 200: rest.InterpreterList } },
    post: {
      summary: 'Sends an interpreter in; one that is there stays as it is (200)',
      rights: forHosts,
      body: rest.InterpreterRequest,
      answers: { 200: rest.InterpreterView, 201: rest.InterpreterView },
    },
  },
  '/v1/rooms/{room}/interpreters/{id}': {
    patch: {
      summary: 'Gives it another budget, or none',
      rights: forHosts,
      body: rest.InterpreterChange,
      answers: { 200: rest.InterpreterView },
    },
    delete: { summary: 'Sends it away', rights: forHosts, answers: { 204: undefined } },
  },
  '/v1/rooms/{room}/captions': {
    get: {
      summary: 'Room messages as server-sent events: what was said last, then all that comes',
      rights: forReaders,
      query: rest.CaptionsQuery,
      answers: { 200: z.string() },
      types: ['text/event-stream'],
    },
  },
  '/v1/rooms/{room}/transcript': {
    get: {
      summary: 'What was said, as it was heard',
      rights: forReaders,
      query: rest.TranscriptQuery,
      answers: { 200: rest.Transcript },
      types: ['application/json', 'text/plain', 'text/vtt', 'application/x-subrip'],
    },
    delete: { summary: 'Deletes what was kept of a room', rights: forHosts, answers: { 204: undefined } },
  },
  '/v1/rooms/{room}/usage': {
    get: {
      summary: 'Seconds, tokens and money, by speaker, language and kind',
      rights: forHosts,
      query: rest.UsageQuery,
      answers: { 200: rest.RoomUsage },
    },
  },
  '/v1/usage': {
    get: {
      summary: 'What all rooms took',
      rights: forAdmins,
      query: rest.UsageQuery,
      answers: { 200: rest.AccountUsage },
    },
  },
};
