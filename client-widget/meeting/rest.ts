/** What the page asks over HTTP: to be let in, what the engine can do, what was said; for hosts, what interpreters do and cost. */

import type { HeardLanguage } from '../../protocol/languages.ts';
import type {
  InterpreterRequest,
  InterpreterView,
  InviteResponse,
  JoinRequest,
  JoinResponse,
  LanguagesResponse,
  Problem,
  RoomSettingsChange,
  RoomUsage,
  Transcript,
  TranscriptFormat,
} from '../../protocol/rest.ts';
import { EntranceError } from '../media/entrance-error.ts';

async function answerTo(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(15_000) }).catch(() => {
    throw new EntranceError('The server cannot be reached. Is it running?', true, 'unreachable');
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const message = problem.detail ?? problem.title ?? `The server answered with ${response.status}.`;
  throw new EntranceError(message, response.status >= 500 || response.status === 429, problem.code ?? '');
}

const ask = async <T>(path: string, init?: RequestInit): Promise<T> => (await answerTo(path, init)).json();

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export const askLanguages = () => ask<LanguagesResponse>('/v1/languages');

export const enter = (request: JoinRequest) => ask<JoinResponse>('/v1/join', post(request));

/** A room, and the token that lets into it. */
export interface Pass {
  room: string;
  token: string;
}

const at = ({ room }: Pass, path: string) => `/v1/rooms/${encodeURIComponent(room)}/${path}`;
const headers = ({ token }: Pass) => ({ Authorization: `Bearer ${token}` });

const remove = (pass: Pass, path: string): Promise<unknown> =>
  answerTo(at(pass, path), { method: 'DELETE', headers: headers(pass) });

/** For hosts: a link with which others come in. */
export const askInvite = (pass: Pass) =>
  ask<(typeof InviteResponse)['_output']>(at(pass, 'invites'), post({}, headers(pass)));

/** Sends away who came in by it, too. */
export const revokeInvite = (pass: Pass, id: string): Promise<unknown> => remove(pass, `invites/${id}`);

const transcriptAt = (pass: Pass, language: HeardLanguage, format: TranscriptFormat) =>
  at(pass, `transcript?language=${encodeURIComponent(language)}&format=${format}`);

export const askTranscript = (pass: Pass, language: HeardLanguage) =>
  ask<Transcript>(transcriptAt(pass, language, 'json'), { headers: headers(pass) });

export const downloadTranscript = async (
  pass: Pass,
  language: HeardLanguage,
  format: TranscriptFormat,
): Promise<Blob> => (await answerTo(transcriptAt(pass, language, format), { headers: headers(pass) })).blob();

/** For hosts: what holds in the room from now on. */
export const settleRoom = (pass: Pass, change: RoomSettingsChange): Promise<unknown> =>
  answerTo(`/v1/rooms/${encodeURIComponent(pass.room)}`, { ...post(change, headers(pass)), method: 'PATCH' });

export const deleteTranscript = (pass: Pass): Promise<unknown> => remove(pass, 'transcript');

export const askUsage = (pass: Pass) => ask<RoomUsage>(at(pass, 'usage'), { headers: headers(pass) });

export const askInterpreter = async (pass: Pass): Promise<InterpreterView | undefined> => {
  const { interpreters } = await ask<{ interpreters: InterpreterView[] }>(at(pass, 'interpreters'), {
    headers: headers(pass),
  });
  return interpreters[0];
};

export const sendInterpreter = (pass: Pass, order: InterpreterRequest) =>
  ask<InterpreterView>(at(pass, 'interpreters'), post(order, headers(pass)));

export const limitInterpreter = (pass: Pass, id: string, budget: InterpreterView['budget'] | null) =>
  ask<InterpreterView>(at(pass, `interpreters/${id}`), { ...post({ budget }, headers(pass)), method: 'PATCH' });

export const dismissInterpreter = (pass: Pass, id: string): Promise<unknown> => remove(pass, `interpreters/${id}`);
