/**
 * Sends an interpreter ahead to the server to which a room is about to move, so that it is there when people come: what is said in a room
 * without one would not be interpreted. It is ordered by the other server's public REST routes, with the token of a host.
 */
import { InterpreterList, type InterpreterView } from '@mediasoup-booth/protocol';
import { type Clock, sleep } from '../../time/clock.ts';

/** The other server may take so long; then the room moves all the same. */
const READY_WITHIN_MS = 25_000;
const LOOK_EVERY_MS = 250;

export interface InterpreterAheadOptions {
  /** The URL of the other server. */
  server: string;
  room: string;
  /** That of a host of the room. */
  token: string;
  /** The interpreter here, whose settings the other gets. */
  interpreter: InterpreterView;
  clock: Clock;
}

/** Resolves to whether it is ready; it is not, where the other server could not be asked, or took too long. */
export async function sendInterpreterAhead({
  server,
  room,
  token,
  interpreter: { languages, languageSettings, budget, pictures },
  clock,
}: InterpreterAheadOptions): Promise<boolean> {
  const url = `${server}/v1/rooms/${room}/interpreters`;
  const untilMs = clock.now() + READY_WITHIN_MS;
  const ask = (method: string, body?: string) =>
    fetch(url, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(Math.max(1, Math.ceil(untilMs - clock.now()))),
    });
  try {
    const asked = { languages, ...(languageSettings && { languageSettings }), ...(budget && { budget }), pictures };
    if (!(await ask('POST', JSON.stringify(asked))).ok) return false;
    while (clock.now() < untilMs) {
      const { interpreters } = InterpreterList.parse(await (await ask('GET')).json());
      if (interpreters.some(({ state }) => state === 'running')) return true;
      await sleep(clock, LOOK_EVERY_MS);
    }
    return false;
  } catch {
    return false;
  }
}
