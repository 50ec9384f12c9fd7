/** The three questions that the page asks over HTTP: a token for this room, what the engine can do, an invite for others. */
import type { InviteResponse, JoinRequest, JoinResponse, LanguagesResponse, Problem } from '../../protocol/rest.ts';

/** Nobody was let in; `message` says why and what to do. `retryable`: later it may work. */
export class EntranceError extends Error {
  override readonly name = 'EntranceError';
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(15_000) }).catch(() => {
    throw new EntranceError('The server cannot be reached. Is it running?', true);
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const message = problem.detail ?? problem.title ?? `The server answered with ${response.status}.`;
  throw new EntranceError(message, response.status >= 500 || response.status === 429);
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export const askLanguages = () => ask<LanguagesResponse>('/v1/languages');

export const enter = (request: JoinRequest) => ask<JoinResponse>('/v1/join', post(request));

/** For hosts: a link with which others come in. */
export const askInvite = (room: string, token: string) =>
  ask<(typeof InviteResponse)['_output']>(
    `/v1/rooms/${encodeURIComponent(room)}/invites`,
    post({}, { Authorization: `Bearer ${token}` }),
  );
