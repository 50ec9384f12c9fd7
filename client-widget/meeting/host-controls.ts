/**
 * The host's desk: what the room's interpreter is, does and costs, asked every 5 s while somebody looks, and the orders that
 * a host may give, to it and for the room. What an order or a question meets stands in `problem`.
 */
import type { InterpreterRequest, InterpreterView, RoomSettingsChange, RoomUsage } from '../../protocol/rest.ts';
import { EntranceError } from '../media/entrance-error.ts';
import { type Reason, reasonOf } from '../media/reason.ts';
import { Store } from '../state/store.ts';
import {
  askInterpreter,
  askUsage,
  deleteTranscript,
  dismissInterpreter,
  limitInterpreter,
  type Pass,
  sendInterpreter,
  settleRoom,
} from './rest.ts';

const EVERY_MS = 5_000;

export interface DeskState {
  interpreter: InterpreterView | undefined;
  usage: RoomUsage | undefined;
  /** An order is under way. */
  busy: boolean;
  problem: Reason | undefined;
}

export class Desk {
  readonly state = new Store<DeskState>({ interpreter: undefined, usage: undefined, busy: false, problem: undefined });
  readonly #pass: () => Pass;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param pass asked each time, for tokens are renewed */
  constructor(pass: () => Pass) {
    this.#pass = pass;
  }

  open(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
    void this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Sends an interpreter; one that is there already makes place, but not for an order that is refused. */
  send(order: InterpreterRequest): Promise<boolean> {
    return this.#order(async (pass) => {
      try {
        await sendInterpreter(pass, order);
      } catch (error) {
        if (!(error instanceof EntranceError) || error.code !== 'conflict') throw error;
        const present = await askInterpreter(pass);
        if (present) await dismissInterpreter(pass, present.id);
        await sendInterpreter(pass, order);
      }
    });
  }

  dismiss(): Promise<boolean> {
    return this.#order(async (pass) => {
      const present = await askInterpreter(pass);
      if (present) await dismissInterpreter(pass, present.id);
    });
  }

  limit(budget: InterpreterView['budget'] | null): Promise<boolean> {
    return this.#order(async (pass) => {
      const present = await askInterpreter(pass);
      if (present) await limitInterpreter(pass, present.id, budget);
    });
  }

  settle(change: RoomSettingsChange): Promise<boolean> {
    return this.#order((pass) => settleRoom(pass, change));
  }

  deleteTranscript(): Promise<boolean> {
    return this.#order(deleteTranscript);
  }

  /** Whether it was obeyed. */
  async #order(give: (pass: Pass) => Promise<unknown>): Promise<boolean> {
    if (this.state.value.busy) return false;
    this.#set({ busy: true, problem: undefined });
    try {
      await give(this.#pass());
      await this.#look();
      return true;
    } catch (error) {
      this.#set({ problem: reasonOf(error) });
      return false;
    } finally {
      this.#set({ busy: false });
    }
  }

  async #look(): Promise<void> {
    const pass = this.#pass();
    try {
      const [interpreter, usage] = await Promise.all([askInterpreter(pass), askUsage(pass)]);
      this.#set({ interpreter, usage });
    } catch (error) {
      this.#set({ problem: reasonOf(error) });
    }
  }

  #set(change: Partial<DeskState>): void {
    this.state.set({ ...this.state.value, ...change });
  }
}
