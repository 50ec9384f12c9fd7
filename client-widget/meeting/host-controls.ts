/**
 * What a host sees and does: the room's interpreter and its usage, refreshed every 5 s while the panel is open, and commands for both.
 * `problem` says why the last request failed.
 */
import type { InterpreterRequest, InterpreterView, RoomSettingsChange, RoomUsage } from '@mediasoup-booth/protocol';
import { type Clock, systemClock } from '../../time/clock.ts';
import { EntranceError } from '../media/entrance-error.ts';
import { type ErrorReason, errorReasonOf } from '../media/error-reason.ts';
import { Store } from '../state/store.ts';
import {
  createInterpreter,
  deleteTranscript,
  fetchInterpreter,
  fetchUsage,
  type RoomAccess,
  removeInterpreter,
  setInterpreterBudget,
  updateRoom,
} from './rest.ts';

const EVERY_MS = 5_000;

interface HostControlsState {
  interpreter: InterpreterView | undefined;
  usage: RoomUsage | undefined;
  /** A command is running; another one is ignored until it is done. */
  busy: boolean;
  problem: ErrorReason | undefined;
}

export class HostControls {
  readonly state = new Store<HostControlsState>({
    interpreter: undefined,
    usage: undefined,
    busy: false,
    problem: undefined,
  });
  readonly #access: () => RoomAccess;
  readonly #clock: Clock;
  #cancelRefresh: (() => void) | undefined;

  /** @param access called for each request, because tokens are renewed */
  constructor(access: () => RoomAccess, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#access = access;
  }

  open(): void {
    if (this.#cancelRefresh) return;
    this.#scheduleRefresh();
    void this.#refresh();
  }

  close(): void {
    this.#cancelRefresh?.();
    this.#cancelRefresh = undefined;
  }

  /** Requests an interpreter with these settings. One that is present is replaced, but stays where the request is invalid. */
  sendInterpreter(request: InterpreterRequest): Promise<boolean> {
    return this.#run(async (access) => {
      try {
        await createInterpreter(access, request);
      } catch (error) {
        if (!(error instanceof EntranceError) || error.code !== 'conflict') throw error;
        const present = await fetchInterpreter(access);
        if (present) await removeInterpreter(access, present.id);
        await createInterpreter(access, request);
      }
    });
  }

  dismissInterpreter(): Promise<boolean> {
    return this.#run(async (access) => {
      const present = await fetchInterpreter(access);
      if (present) await removeInterpreter(access, present.id);
    });
  }

  setBudget(budget: InterpreterView['budget'] | null): Promise<boolean> {
    return this.#run(async (access) => {
      const present = await fetchInterpreter(access);
      if (present) await setInterpreterBudget(access, present.id, budget);
    });
  }

  updateRoom(change: RoomSettingsChange): Promise<boolean> {
    return this.#run((access) => updateRoom(access, change));
  }

  deleteTranscript(): Promise<boolean> {
    return this.#run(deleteTranscript);
  }

  /** Runs one command and refreshes. Resolves to whether it succeeded. */
  async #run(command: (access: RoomAccess) => Promise<unknown>): Promise<boolean> {
    if (this.state.value.busy) return false;
    this.#set({ busy: true, problem: undefined });
    try {
      await command(this.#access());
      await this.#refresh();
      return true;
    } catch (error) {
      this.#set({ problem: errorReasonOf(error) });
      return false;
    } finally {
      this.#set({ busy: false });
    }
  }

  #scheduleRefresh(): void {
    this.#cancelRefresh = this.#clock.after(EVERY_MS, () => {
      this.#scheduleRefresh();
      void this.#refresh();
    });
  }

  async #refresh(): Promise<void> {
    const access = this.#access();
    try {
      const [interpreter, usage] = await Promise.all([fetchInterpreter(access), fetchUsage(access)]);
      this.#set({ interpreter, usage });
    } catch (error) {
      this.#set({ problem: errorReasonOf(error) });
    }
  }

  #set(change: Partial<HostControlsState>): void {
    this.state.set({ ...this.state.value, ...change });
  }
}
