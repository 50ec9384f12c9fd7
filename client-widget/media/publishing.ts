/**
 * Keeps what is published over one connection equal to the local tracks, one step at a time. A step that fails is tried again with a
 * doubling pause, from 1 s to 30 s, as long as its track is wanted as it is; the other tracks do not wait for it.
 *
 * Hard requirement: the server, and so everybody else, knows of each track whether it is paused, from its creation on.
 */

import type { TrackSource } from '@mediasoup-booth/protocol';
import type { Producer } from 'mediasoup-client/types';
import type { RoomClient } from '../../room-client/room-client.ts';
import { Backoff } from '../../time/backoff.ts';
import type { Clock } from '../../time/clock.ts';
import { produceOptions } from './browser-room.ts';
import { errorReasonOf } from './error-reason.ts';

export interface LocalTrack {
  track: MediaStreamTrack;
  paused: boolean;
}
export type LocalTracks = ReadonlyMap<TrackSource, LocalTrack>;

interface PublishingOptions {
  connection: Pick<RoomClient, 'produce' | 'setPaused' | 'closeProducer'>;
  /** Called when a step failed, and again only where the next attempt fails for another reason. May close the publishing. */
  onFailed(error: unknown): void;
  /** Called when nothing that has failed is left: it has succeeded, or is not wanted any more. */
  onRecovered(): void;
  clock: Clock;
}

interface Published {
  producer: Producer;
  /** As the server knows it; undefined while it is changed, and where that failed. */
  paused: boolean | undefined;
}

interface Failure {
  /** The track that could not be published, or paused or resumed, as it is wanted. */
  local: LocalTrack;
  message: string;
  backoff: Backoff;
  /** Undefined while it is tried again. */
  cancelRetry: (() => void) | undefined;
}

interface Step {
  source: TrackSource;
  run(): Promise<void>;
}

export class Publishing {
  readonly #options: PublishingOptions;
  readonly #published = new Map<TrackSource, Published>();
  readonly #failures = new Map<TrackSource, Failure>();
  #wanted: LocalTracks = new Map();
  #busy = false;
  /** Resolves when the steps that were due last were tried. */
  #settled: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: PublishingOptions) {
    this.#options = options;
  }

  /**
   * Publishes these tracks and no others; one that takes the place of another of its source goes out in the same stream, without a gap. One
   * that has failed and is changed here is tried at once. Resolves when each step that is due was tried.
   */
  async setTracks(tracks: LocalTracks): Promise<void> {
    if (this.#closed) return;
    this.#wanted = tracks;
    for (const [source, { local }] of this.#failures) if (!this.#wants(source, local)) this.#recovered(source);
    await this.#reconcile();
  }

  /** The connection has ended: nothing is tried again. */
  close(): void {
    this.#closed = true;
    for (const { cancelRetry } of this.#failures.values()) cancelRetry?.();
    this.#failures.clear();
  }

  #reconcile(): Promise<void> {
    if (!this.#busy) this.#settled = this.#takeSteps();
    return this.#settled;
  }

  /** Decides each step anew: the tracks may have changed during the last one. */
  async #takeSteps(): Promise<void> {
    this.#busy = true;
    for (let step = this.#nextStep(); step; step = this.#nextStep()) {
      const local = this.#wanted.get(step.source);
      try {
        await step.run();
        this.#recovered(step.source);
      } catch (error) {
        this.#failed(step.source, local, error);
      }
    }
    this.#busy = false;
  }

  #failed(source: TrackSource, local: LocalTrack | undefined, error: unknown): void {
    if (this.#closed) return;
    const before = this.#failures.get(source);
    const { message } = errorReasonOf(error);
    const backoff = before?.backoff ?? new Backoff({ firstMs: 1000, maxMs: 30_000, jitter: 0.2 });
    if (message !== before?.message) this.#options.onFailed(error);
    if (this.#closed) return;
    if (!local || !this.#wants(source, local)) {
      this.#recovered(source, true);
      return;
    }
    const failure: Failure = { local, message, backoff, cancelRetry: undefined };
    failure.cancelRetry = this.#options.clock.after(backoff.next(), () => {
      failure.cancelRetry = undefined;
      void this.#reconcile();
    });
    this.#failures.set(source, failure);
  }

  #recovered(source: TrackSource, wasReported = this.#failures.has(source)): void {
    this.#failures.get(source)?.cancelRetry?.();
    this.#failures.delete(source);
    if (wasReported && this.#failures.size === 0) this.#options.onRecovered();
  }

  /** Whether a track is still wanted as it was. */
  #wants(source: TrackSource, { track, paused }: LocalTrack): boolean {
    const wanted = this.#wanted.get(source);
    return wanted?.track === track && wanted.paused === paused;
  }

  #nextStep(): Step | undefined {
    if (this.#closed) return undefined;
    for (const [source, { producer }] of this.#published) {
      const track = this.#wanted.get(source)?.track;
      if (track === producer.track) continue;
      if (this.#failures.get(source)?.cancelRetry) continue;
      if (track) return { source, run: () => producer.replaceTrack({ track }) };
      return { source, run: () => this.#unpublish(source, producer) };
    }
    for (const [source, local] of this.#wanted) {
      if (this.#failures.get(source)?.cancelRetry) continue;
      const published = this.#published.get(source);
      if (!published) return { source, run: () => this.#publish(source, local) };
      if (published.paused !== local.paused) return { source, run: () => this.#setPaused(published, local.paused) };
    }
    return undefined;
  }

  async #publish(source: TrackSource, { track, paused }: LocalTrack): Promise<void> {
    const producer = await this.#options.connection.produce({ ...produceOptions(source, track), paused });
    this.#published.set(source, { producer, paused });
  }

  async #unpublish(source: TrackSource, producer: Producer): Promise<void> {
    this.#published.delete(source);
    await this.#options.connection.closeProducer(producer);
  }

  async #setPaused(published: Published, paused: boolean): Promise<void> {
    published.paused = undefined;
    await this.#options.connection.setPaused(published.producer, paused);
    published.paused = paused;
  }
}
