/**
 * What is overheard in a room: written down, unless nothing may be; kept for who comes late; told to who reads over HTTP. Nobody is shown
 * what was not taken down before.
 */
import type { DirectTransport } from 'mediasoup/types';
import type { Logger } from 'pino';
import { CaptionHistory, type ReceivedMessage } from '../../captions/caption-history.ts';
import type { CaptionMessage } from '../../protocol/room-messages.ts';
import { type CaptionsProducer, relayCaptions } from '../media/caption-relay.ts';
import type { Recording } from '../transcript/recording.ts';

export interface RoomCaptionsOptions {
  /** By which they pass through this process. */
  relay: DirectTransport;
  /** Undefined: nothing is ever written down. */
  recording: Recording | undefined;
  log: Logger;
}

export class RoomCaptions {
  readonly #options: RoomCaptionsOptions;
  readonly #history = new CaptionHistory();
  readonly #listeners = new Set<(overheard: ReceivedMessage) => void>();

  constructor(options: RoomCaptionsOptions) {
    this.#options = options;
  }

  /** Oldest first, by when it was said. */
  recent(): CaptionMessage[] {
    return this.#history.recent();
  }

  /** The captions kept of what came after the message of this number. */
  since(number: number): ReceivedMessage[] {
    return this.#history.since(number);
  }

  /** Every room message from now on. @returns what ends it */
  onMessage(reader: (overheard: ReceivedMessage) => void): () => void {
    this.#listeners.add(reader);
    return () => this.#listeners.delete(reader);
  }

  /** What others consume of what an interpreter says. */
  async relay(spoken: CaptionsProducer): Promise<CaptionsProducer> {
    const passedOn = await relayCaptions(spoken, this.#options.relay, (message) => this.#record(spoken, message));
    passedOn.observer.once('close', () => this.#history.sourceClosed(spoken.id));
    return passedOn;
  }

  /** Whether what is said from this moment of the room's clock on is written down. */
  setRecording(on: boolean, clockMs: number): void {
    this.#options.recording?.setEnabled(on, clockMs);
  }

  /**
   * What was written down is deleted: nobody who comes later is told of it either, nor of what began to be said before this moment of
   * the room's clock and comes to its end later.
   */
  transcriptDeleted(clockMs: number): void {
    this.#history.eraseBefore(clockMs);
    this.#options.recording?.skipBefore(clockMs);
  }

  /** @param over the meeting is; else whoever comes back goes on with it */
  close(over: boolean): void {
    if (over) this.#options.recording?.end();
    else this.#options.recording?.interrupt();
  }

  #record({ id, appData }: CaptionsProducer, message: Uint8Array): void {
    const { language, interpreter } = appData.booth;
    const overheard = this.#history.add({ id, language }, message);
    if (!overheard) {
      this.#options.log.debug({ dropped: this.#history.dropped }, 'an interpreter sent what is no room message');
      return;
    }
    this.#options.recording?.append(interpreter, overheard.message);
    for (const reader of [...this.#listeners]) reader(overheard);
  }
}
