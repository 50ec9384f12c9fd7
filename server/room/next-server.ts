/**
 * The server to which a room is about to move, as the one that has it asks it for things: to open the room ahead with an interpreter, so that what is
 * said after the move is interpreted from the first word on; and to have the room from now on. Both are REST calls between servers, with a token
 * that servers make for themselves alone.
 */
import { InterpreterView, type RoomArrival } from '@mediasoup-booth/protocol';
import { type Clock, sleep } from '../../time/clock.ts';
import { PASSED_ON_HEADER } from './room-directory.ts';

/** The other server may take so long; then the room moves all the same. */
const READY_WITHIN_MS = 25_000;
const LOOK_EVERY_MS = 250;
/** The people of the room wait for this answer, and not for longer. */
const ARRIVED_WITHIN_MS = 2000;

export interface NextServerOptions {
  /** The URL of the other server. */
  server: string;
  room: string;
  /** One that a server has launched something with. */
  token: string;
  clock: Clock;
}

export class NextServer {
  readonly #options: NextServerOptions;

  constructor(options: NextServerOptions) {
    this.#options = options;
  }

  /**
   * Has the room opened there, with an interpreter like the one here.
   *
   * @returns whether it is ready; it is not, where the other server could not be asked, or took too long
   */
  async openAhead({ languages, languageSettings, budget, pictures }: InterpreterView): Promise<boolean> {
    const { clock } = this.#options;
    const untilMs = clock.now() + READY_WITHIN_MS;
    const asked = { languages, ...(languageSettings && { languageSettings }), ...(budget && { budget }), pictures };
    try {
      while (clock.now() < untilMs) {
        const answer = await this.#ask('POST', 'ahead', { body: asked, withinMs: untilMs - clock.now() });
        if (!answer.ok) return false;
        if (InterpreterView.parse(await answer.json()).state === 'running') return true;
        await sleep(clock, LOOK_EVERY_MS);
      }
    } catch {
      // It is not there, or too slow: the room moves without an interpreter, and gets one by demand.
    }
    return false;
  }

  /** The room is that server's from now on. @throws where it has not said in time that it has taken it: it is gone, say, or being stopped */
  async arrive(arrival: RoomArrival): Promise<void> {
    const answer = await this.#ask('POST', 'arrival', { body: arrival, withinMs: ARRIVED_WITHIN_MS });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  }

  /** The meeting has ended in the moment in which the room moved. */
  async end(): Promise<void> {
    // Where it cannot be told, the room closes there when nobody is in it.
    await this.#ask('DELETE', 'arrival', { withinMs: ARRIVED_WITHIN_MS }).catch(() => {});
  }

  /** The room does not move there after all. */
  async abandon(): Promise<void> {
    // Where it cannot be told, it closes the room by itself.
    await this.#ask('DELETE', 'ahead', { withinMs: ARRIVED_WITHIN_MS }).catch(() => {});
  }

  #ask(method: string, call: string, { body, withinMs }: { body?: object; withinMs: number }): Promise<Response> {
    const { server, room, token } = this.#options;
    return fetch(`${server}/v1/rooms/${room}/${call}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', [PASSED_ON_HEADER]: '1' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(Math.max(1, Math.ceil(withinMs))),
    });
  }
}
