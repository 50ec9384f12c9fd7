/**
 * The room messages of a room on their way through this process: recorded, unless a host has switched that off; kept for people who join
 * late; passed to caption readers over HTTP. No message reaches anybody before it was recorded.
 */
import type { DirectTransport } from 'mediasoup/types';
import type { Logger } from 'pino';
import { CaptionHistory, type ReceivedMessage } from '../../captions/caption-history.ts';
import type { CaptionMessage } from '../../protocol/room-messages.ts';
import { type CaptionsProducer, relayCaptions } from '../media/caption-relay.ts';
import type { Recording } from '../transcript/recording.ts';

export interface RoomCaptionsOptions {
  /** The transport by which messages pass through this process. */
  relay: DirectTransport;
  /** Undefined: this server keeps no transcripts. */
  recording: Recording | undefined;
  log: Logger;
}

export class RoomCaptions {
  readonly #options: RoomCaptionsOptions;
  readonly #history = new CaptionHistory();
  readonly #listeners = new Set<(received: ReceivedMessage) => void>();

  constructor(options: RoomCaptionsOptions) {
    this.#options = options;
  }

  /** The recent captions, oldest first by when they were said. */
  recent(): CaptionMessage[] {
    return this.#history.recent();
  }

  /** The kept captions that came after the message with this number. */
  since(number: number): ReceivedMessage[] {
    return this.#history.since(number);
  }

  /** Passes every room message from now on to `listener`. @returns unsubscribes it */
  onMessage(listener: (received: ReceivedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The data producer that others consume in place of the interpreter's own. */
  async relay(source: CaptionsProducer): Promise<CaptionsProducer> {
    const relayed = await relayCaptions(source, this.#options.relay, (message) => this.#record(source, message));
    relayed.observer.once('close', () => this.#history.sourceClosed(source.id));
    return relayed;
  }

  /** Switches recording on or off, from this moment of the room's clock on. */
  setRecording(on: boolean, clockMs: number): void {
    this.#options.recording?.setEnabled(on, clockMs);
  }

  /**
   * The transcript was deleted: nobody who joins later is sent captions from it, nor of utterances that started before this moment of
   * the room's clock and end later.
   */
  transcriptDeleted(clockMs: number): void {
    this.#history.eraseBefore(clockMs);
    this.#options.recording?.skipBefore(clockMs);
  }

  /** @param over true: the meeting ends; false: it continues when somebody comes back */
  close(over: boolean): void {
    if (over) this.#options.recording?.end();
    else this.#options.recording?.interrupt();
  }

  #record({ id, appData }: CaptionsProducer, message: Uint8Array): void {
    const { language, interpreter } = appData.booth;
    const received = this.#history.add({ id, language }, message);
    if (!received) {
      this.#options.log.debug({ interpreter, dropped: this.#history.dropped }, 'malformed room message dropped');
      return;
    }
    this.#options.recording?.append(interpreter, received.message);
    for (const listener of [...this.#listeners]) listener(received);
  }
}
