/**
 * The page's REST requests. Each throws an `EntranceError` with the server's message and error code; without a response within 15 s the
 * code is `unreachable`.
 */

import type {
  HeardLanguage,
  InterpreterRequest,
  InterpreterView,
  InviteResponse,
  JoinRequest,
  JoinResponse,
  LanguagesResponse,
  Overview,
  Problem,
  RoomSettingsChange,
  RoomUsage,
  SignInRequest,
  SignInResponse,
  Transcript,
  TranscriptFormat,
} from '@mediasoup-booth/protocol';
import { EntranceError } from '../media/entrance-error.ts';
import { ownServer } from '../sources/own-server.ts';

async function request(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(`${ownServer()}${path}`, { ...init, signal: AbortSignal.timeout(15_000) }).catch(() => {
    throw new EntranceError('The server cannot be reached. Is it running?', true, 'unreachable');
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const message = problem.detail ?? problem.title ?? `The server answered with ${response.status}.`;
  throw new EntranceError(message, response.status >= 500 || response.status === 429, problem.code ?? '');
}

const fetchJson = async <T>(path: string, init?: RequestInit): Promise<T> => (await request(path, init)).json();

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export const fetchLanguages = () => fetchJson<LanguagesResponse>('/v1/languages');

export const requestToken = (request: JoinRequest) => fetchJson<JoinResponse>('/v1/join', post(request));

export const exchangeSignInCode = (request: SignInRequest) => fetchJson<SignInResponse>('/v1/sign-in', post(request));

/** A room and a token for it. */
export interface RoomAccess {
  room: string;
  token: string;
}

const at = ({ room }: RoomAccess, path: string) => `/v1/rooms/${encodeURIComponent(room)}/${path}`;
const headers = ({ token }: RoomAccess) => ({ Authorization: `Bearer ${token}` });

const remove = (access: RoomAccess, path: string): Promise<unknown> =>
  request(at(access, path), { method: 'DELETE', headers: headers(access) });

/** Creates an invite link; requires the grant `host`. */
export const createInvite = (access: RoomAccess) =>
  fetchJson<(typeof InviteResponse)['_output']>(at(access, 'invites'), post({}, headers(access)));

/** Revokes an invite and removes everybody who came in by it; requires the grant `host`. */
export const revokeInvite = (access: RoomAccess, id: string): Promise<unknown> => remove(access, `invites/${id}`);

/** Revokes everything that this token's holder has given for the room until now; requires the grant `host`. */
export const revokeEverything = (access: RoomAccess): Promise<unknown> =>
  request(at(access, 'revocations'), post({ everything: true }, headers(access)));

const transcriptAt = (access: RoomAccess, language: HeardLanguage, format: TranscriptFormat) =>
  at(access, `transcript?language=${encodeURIComponent(language)}&format=${format}`);

export const fetchTranscript = (access: RoomAccess, language: HeardLanguage) =>
  fetchJson<Transcript>(transcriptAt(access, language, 'json'), { headers: headers(access) });

export const downloadTranscript = async (
  access: RoomAccess,
  language: HeardLanguage,
  format: TranscriptFormat,
): Promise<Blob> => (await request(transcriptAt(access, language, format), { headers: headers(access) })).blob();

/** Changes the settings of the room; requires the grant `host`. */
export const updateRoom = (access: RoomAccess, change: RoomSettingsChange): Promise<unknown> =>
  request(`/v1/rooms/${encodeURIComponent(access.room)}`, { ...post(change, headers(access)), method: 'PATCH' });

export const deleteTranscript = (access: RoomAccess): Promise<unknown> => remove(access, 'transcript');

export const fetchUsage = (access: RoomAccess) =>
  fetchJson<RoomUsage>(at(access, 'usage'), { headers: headers(access) });

export const fetchInterpreter = async (access: RoomAccess): Promise<InterpreterView | undefined> => {
  const { interpreters } = await fetchJson<{ interpreters: InterpreterView[] }>(at(access, 'interpreters'), {
    headers: headers(access),
  });
  return interpreters[0];
};

export const createInterpreter = (access: RoomAccess, request: InterpreterRequest) =>
  fetchJson<InterpreterView>(at(access, 'interpreters'), post(request, headers(access)));

export const setInterpreterBudget = (access: RoomAccess, id: string, budget: InterpreterView['budget'] | null) =>
  fetchJson<InterpreterView>(at(access, `interpreters/${id}`), {
    ...post({ budget }, headers(access)),
    method: 'PATCH',
  });

export const removeInterpreter = (access: RoomAccess, id: string): Promise<unknown> =>
  remove(access, `interpreters/${id}`);

/** How the server is doing; requires the grant `admin`. */
export const fetchOverview = (token: string) =>
  fetchJson<Overview>('/v1/overview', { headers: { Authorization: `Bearer ${token}` } });

/** Ends the meeting for everybody in the room; requires the grant `admin`. */
export const closeRoom = (access: RoomAccess): Promise<unknown> =>
  request(`/v1/rooms/${encodeURIComponent(access.room)}`, { method: 'DELETE', headers: headers(access) });

/** Ends the interpreter of a room and starts it anew; requires the grant `host` or `admin`. */
export const restartInterpreter = (access: RoomAccess, id: string): Promise<unknown> =>
  request(`/v1/rooms/${encodeURIComponent(access.room)}/interpreters/${encodeURIComponent(id)}/restart`, {
    method: 'POST',
    headers: headers(access),
  });

/** Sends messages again to a webhook endpoint that has answered 410; requires the grant `admin`. */
export const enableWebhook = (token: string, id: string): Promise<unknown> =>
  request(`/v1/webhooks/${encodeURIComponent(id)}`, {
    ...post({ enabled: true }, { Authorization: `Bearer ${token}` }),
    method: 'PATCH',
  });
