/**
 * What the operator's page shows: asks the server every 2 s how it is doing, while the page is seen. An admin's token comes in the
 * fragment of a link, which no server sees, and stays in this tab alone. A token that the server refuses ends the asking.
 */
import type { Overview } from '@mediasoup-booth/protocol';
import { type Clock, systemClock } from '../../time/clock.ts';
import { EntranceError } from '../media/entrance-error.ts';
import { type ErrorReason, errorReasonOf } from '../media/error-reason.ts';
import { Store } from '../state/store.ts';
import { closeRoom, enableWebhook, fetchOverview, restartInterpreter } from './rest.ts';

const KEY = 'booth.admin';
const EVERY_MS = 2000;

type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface OperatorOverviewState {
  /** The last answer; undefined: none has come yet. */
  overview: Overview | undefined;
  /** Why there is no answer, or none any more; undefined: the last one is new. */
  problem: ErrorReason | undefined;
  /** Why the last thing that was asked for was not done. */
  refused: ErrorReason | undefined;
}

/**
 * The token in the fragment `#token=…`, else the one that this tab had before.
 *
 * @example
 * const token = adminToken(location.hash, sessionStorage);
 */
export function adminToken(fragment: string, storage: TabStorage): string | undefined {
  const given = new URLSearchParams(fragment.replace(/^#/, '')).get('token');
  if (given) storage.setItem(KEY, given);
  return storage.getItem(KEY) ?? undefined;
}

export class OperatorOverview {
  readonly state = new Store<OperatorOverviewState>({ overview: undefined, problem: undefined, refused: undefined });
  readonly #token: string | undefined;
  readonly #storage: TabStorage;
  readonly #clock: Clock;
  #cancelNext = (): void => {};
  #isOver = false;

  /** @param token undefined: the page says that it needs one */
  constructor(token: string | undefined, storage: TabStorage, clock: Clock = systemClock) {
    this.#token = token;
    this.#storage = storage;
    this.#clock = clock;
  }

  /** Asks, and goes on asking until {@link pause}, or until the token is refused. */
  async resume(): Promise<void> {
    this.#cancelNext();
    if (this.#isOver) return;
    if (this.#token === undefined) {
      this.#end({ code: 'missingToken', message: 'This page needs the token of an admin.' });
      return;
    }
    // Set before the answer, so that a page that is hidden meanwhile stops it.
    let isPaused = false;
    this.#cancelNext = () => {
      isPaused = true;
    };
    try {
      this.#change({ overview: await fetchOverview(this.#token), problem: undefined });
    } catch (error) {
      const problem = errorReasonOf(error);
      if (error instanceof EntranceError && !error.retryable) return this.#end(problem);
      this.#change({ problem });
    }
    if (!isPaused) this.#cancelNext = this.#clock.after(EVERY_MS, () => void this.resume());
  }

  pause(): void {
    this.#cancelNext();
  }

  /** Ends a meeting for everybody in it. */
  endRoom(room: string): Promise<void> {
    return this.#do((token) => closeRoom({ room, token }));
  }

  /** Ends the interpreter of a room and starts it anew, while the meeting goes on. */
  restartInterpreter(room: string, id: string): Promise<void> {
    return this.#do((token) => restartInterpreter({ room, token }, id));
  }

  /** Sends messages again to an endpoint that has answered 410. */
  enableWebhook(id: string): Promise<void> {
    return this.#do((token) => enableWebhook(token, id));
  }

  async #do(ask: (token: string) => Promise<unknown>): Promise<void> {
    if (this.#token === undefined || this.#isOver) return;
    try {
      await ask(this.#token);
      this.#change({ refused: undefined });
    } catch (error) {
      this.#change({ refused: errorReasonOf(error) });
    }
    await this.resume();
  }

  #end(problem: ErrorReason): void {
    this.#isOver = true;
    this.#storage.removeItem(KEY);
    this.#change({ overview: undefined, problem });
  }

  #change(change: Partial<OperatorOverviewState>): void {
    this.state.set({ ...this.state.value, ...change });
  }
}
