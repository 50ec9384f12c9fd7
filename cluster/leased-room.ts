/**
 * One room on a worker: its interpreter, and the lease by which it may speak.
 *
 * Hard requirement: the interpreter is stopped before the lease ends, unless Redis has renewed it, or, where Redis cannot be reached, the server
 * of the room has said meanwhile that no other has come. What that server lets in is the last word: it refuses a lower fencing token.
 */
import { messageOf } from '@mediasoup-booth/protocol';
import { type Logger, withFields } from '../logging/logger.ts';
import { type Clock, within } from '../time/clock.ts';
import { type InterpreterOrder, leaseOf } from './interpreter-order.ts';
import type { LeaseStore, RoomLease } from './lease-store.ts';
import { LeaseTerm } from './lease-term.ts';

/** The share of a lease within which Redis has to answer, and then the room, so that the interpreter can still be stopped in time. */
export const ANSWERS_WITHIN = 1 / 4;
/** An interpreter that is not in its room for so long is given back, for a worker that gets there. */
export const GIVES_BACK_AFTER_MS = 30_000;
/** Longer than a connection that is lost takes to be made again. */
export const CUT_OFF_AFTER_MS = 5000;

/** Starts an interpreter, whose fencing token goes with it into the room. */
export type LaunchOrdered = (
  order: InterpreterOrder,
  fence: number,
  onState: (state: RoomLease['state'], message?: string) => void,
) => { stop(): Promise<void> };

export interface LeasedRoomDeps {
  worker: string;
  leases: Pick<LeaseStore, 'renew' | 'release'>;
  launch: LaunchOrdered;
  /** Asks the server of the room whether this fencing token is still the highest. Resolves with false, too, where it cannot be reached. */
  isVouchedFor(order: InterpreterOrder, fence: number): Promise<boolean>;
  clock: Clock;
  log: Logger;
}

/** `lost`: another has the lease. `silenced`: it could not be renewed. `givenBack`: the room was not reached. */
export type LeaseEnd = 'lost' | 'silenced' | 'givenBack' | 'failed' | 'left';

export class LeasedRoom {
  readonly order: InterpreterOrder;
  readonly takenAtMs: number;
  /** Resolves when the interpreter has left and the lease is free, with the reason. */
  readonly ended: Promise<LeaseEnd>;
  readonly #deps: LeasedRoomDeps;
  readonly #log: Logger;
  readonly #fence: number;
  readonly #term: LeaseTerm;
  readonly #interpreter: { stop(): Promise<void> };
  readonly #resolveEnded: (end: LeaseEnd) => void;
  #state: Pick<RoomLease, 'state' | 'message'> = { state: 'starting' };
  #outSinceMs: number | undefined;
  #hasRun = false;
  #leaving = false;
  #isRenewing = false;
  /** Something has changed while the lease was being renewed. */
  #renewAgain = false;
  #cancelRenewal = (): void => {};
  #cancelTerm = (): void => {};
  #end: LeaseEnd | undefined;

  /** @param askedMs when the lease was asked for */
  constructor(
    order: InterpreterOrder,
    lease: { fence: number; leaseMs: number; askedMs: number },
    deps: LeasedRoomDeps,
  ) {
    const { promise, resolve } = Promise.withResolvers<LeaseEnd>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.order = order;
    this.#deps = deps;
    this.#fence = lease.fence;
    this.#log = withFields(deps.log, { room: order.room, interpreter: order.interpreter, fence: lease.fence });
    this.#term = new LeaseTerm(lease.leaseMs, lease.askedMs);
    this.takenAtMs = deps.clock.now();
    this.#outSinceMs = this.takenAtMs;
    this.#interpreter = deps.launch(order, lease.fence, (state, message) => this.#setState(state, message));
    this.#watchTerm();
    this.#scheduleRenewal();
  }

  /** The interpreter was at work, and has not reached its room for a while, as where the server is gone. */
  get isCutOff(): boolean {
    return this.#hasRun && this.#outMs > CUT_OFF_AFTER_MS;
  }

  /** For how many milliseconds the interpreter has not been at work in its room. */
  get #outMs(): number {
    const nowMs = this.#deps.clock.now();
    return nowMs - (this.#outSinceMs ?? nowMs);
  }

  /** The worker is being stopped: another takes over, at a pause. */
  handOver(): void {
    this.#leaving = true;
    void this.renew();
  }

  /** The interpreter leaves at once; resolves when it has. */
  async leave(): Promise<void> {
    this.#finish('left');
    await this.ended;
  }

  /** Renews the lease now; also where the server of the room says that it has changed. */
  async renew(): Promise<void> {
    if (this.#end) return;
    if (this.#isRenewing) {
      this.#renewAgain = true;
      return;
    }
    this.#isRenewing = true;
    this.#cancelRenewal();
    try {
      await this.#renew();
    } finally {
      this.#isRenewing = false;
      if (this.#renewAgain) {
        this.#renewAgain = false;
        void this.renew();
      } else this.#scheduleRenewal();
    }
  }

  async #renew(): Promise<void> {
    const { clock } = this.#deps;
    const askedMs = clock.now();
    const held = await this.#renewInRedis();
    if (held) this.#term.confirm(askedMs);
    else if (held === false && !this.#leaving) this.#finish('lost');
    // Whoever takes over from a worker that is being stopped waits for a pause: until then this interpreter is the one of the room.
    else if (!(await this.#askRoom()) && held === false) this.#finish('left');
    if (this.#end) return;
    this.#watchTerm();
    if (this.#state.state === 'failed') this.#finish('failed');
    else if (this.#outMs > GIVES_BACK_AFTER_MS) this.#finish('givenBack');
  }

  /** @returns false: another has the lease. Undefined: Redis cannot be reached, or takes so long that the room is to be asked */
  async #renewInRedis(): Promise<boolean | undefined> {
    const { leases, clock } = this.#deps;
    const { leaseMs } = this.#term;
    let held: boolean | undefined;
    const renewing = leases.renew(leaseOf(this.order), this.#lease, leaseMs).then(
      (answer) => {
        held = answer;
      },
      (error: unknown) => this.#log.debug({ problem: messageOf(error) }, 'lease could not be renewed'),
    );
    await within(clock, leaseMs * ANSWERS_WITHIN, renewing);
    return held;
  }

  /** Goes on where the server of the room knows of no other. */
  async #askRoom(): Promise<boolean> {
    const askedMs = this.#deps.clock.now();
    const isCurrent = await this.#deps.isVouchedFor(this.order, this.#fence);
    if (isCurrent) this.#term.confirm(askedMs);
    return isCurrent;
  }

  get #lease(): RoomLease {
    return {
      fence: this.#fence,
      worker: this.#deps.worker,
      ...this.#state,
      ...(this.#leaving && { leaving: true }),
    };
  }

  #setState(state: RoomLease['state'], message: string | undefined): void {
    this.#state = { state, ...(message !== undefined && { message }) };
    this.#hasRun ||= state === 'running';
    if (state === 'running') this.#outSinceMs = undefined;
    else this.#outSinceMs ??= this.#deps.clock.now();
    // A launch may report before it has returned.
    this.#deps.clock.after(0, () => void this.renew());
  }

  #scheduleRenewal(): void {
    if (!this.#end) this.#cancelRenewal = this.#deps.clock.after(this.#term.renewEveryMs, () => void this.renew());
  }

  #watchTerm(): void {
    this.#cancelTerm();
    this.#cancelTerm = this.#deps.clock.after(this.#term.leftMs(this.#deps.clock.now()), () =>
      this.#finish('silenced'),
    );
  }

  #finish(end: LeaseEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#cancelRenewal();
    this.#cancelTerm();
    void this.#stop(end);
  }

  async #stop(end: LeaseEnd): Promise<void> {
    if (end !== 'left') this.#log.warn({ reason: end }, 'interpreter ends on this worker');
    try {
      await this.#interpreter.stop();
      // Of a failed one the server is still to learn.
      if (end !== 'failed') await this.#deps.leases.release(leaseOf(this.order), this.#fence);
    } catch (error) {
      this.#log.warn({ problem: messageOf(error) }, 'lease was not given back, and ends by itself');
    }
    this.#resolveEnded(end);
  }
}
