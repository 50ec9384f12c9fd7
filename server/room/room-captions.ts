/**
 * The room messages of a room on their way through this process: recorded, unless a host has switched that off; kept for people who join
 * late; passed to caption readers over HTTP. They keep their order. No message reaches anybody before it was recorded, so that nothing
 * that was shown is lost with the server, unless the disk takes longer than 200 ms or takes nothing: then captions do not wait for it.
 * What is malformed, in the name of somebody who never was in the room, or more than an interpreter may send, reaches nobody.
 */

import type { CaptionMessage, SpeakerView } from '@mediasoup-booth/protocol';
import type { DirectTransport } from 'mediasoup/types';
import type { Logger } from 'pino';
import type { ReceivedMessage } from '../../captions/caption-history.ts';
import { CheckedCaptionHistory } from '../../captions/checked-caption-history.ts';
import { BoundedSet } from '../../collections/bounded-map.ts';
import { type Clock, within } from '../../time/clock.ts';
import { type CaptionCopies, type CaptionsProducer, relayCaptions } from '../media/caption-relay.ts';
import type { Recording } from '../transcript/recording.ts';
import { MessageLimiter } from './message-limiter.ts';
import { listenInRoom } from './room-context.ts';

const WRITTEN_WITHIN_MS = 200;

export interface RoomCaptionsOptions {
  room: string;
  /** The transport by which messages pass through this process. */
  relay: DirectTransport;
  /** Repeat them on the room's other routers. */
  copies: CaptionCopies;
  /** Whether a message may be in the name of this speaker. */
  isKnown(speaker: SpeakerView): boolean;
  clock: Clock;
  log: Logger;
}

export class RoomCaptions {
  readonly #options: RoomCaptionsOptions;
  readonly #history: CheckedCaptionHistory;
  readonly #limiter: MessageLimiter;
  /** Interpreters of whom the log tells that they exceed their limits. */
  readonly #exceeding = new BoundedSet<string>(256);
  readonly #listeners = new Set<(received: ReceivedMessage) => void>();
  /** Undefined: this server keeps no transcripts, or does not yet. */
  #recording: Recording | undefined;
  #onRecorded: (interpreter: string, caption: CaptionMessage) => void = () => {};
  /** Messages that wait until they, or one before them, are recorded: at most those of 200 ms. */
  #waiting = 0;
  #lastDelivered: Promise<void> = Promise.resolve();

  constructor(options: RoomCaptionsOptions) {
    this.#options = options;
    this.#history = new CheckedCaptionHistory(options.isKnown);
    this.#limiter = new MessageLimiter(() => options.clock.now());
  }

  /** Records what comes from now on, and keeps what was said before in the same meeting. */
  recordTo(recording: Recording): void {
    this.#recording = recording;
    for (const message of recording.earlier)
      this.#history.add({ id: '', language: message.language }, message, JSON.stringify(message).length);
  }

  /** The recent captions, oldest first by when they were said. */
  recent(): CaptionMessage[] {
    return this.#history.recent();
  }

  /** The number of the last message that was delivered; 0 before the first. */
  get lastNumber(): number {
    return this.#history.lastNumber;
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

  /** Calls `listener` with each caption, which is final, that is recorded: with none while a host has switched that off. */
  onRecorded(listener: (interpreter: string, caption: CaptionMessage) => void): void {
    this.#onRecorded = listener;
  }

  /** The data producer that others consume in place of the interpreter's own. */
  async relay(source: CaptionsProducer): Promise<CaptionsProducer> {
    const { relay: through, copies, room } = this.#options;
    const relayed = await relayCaptions(source, { through, copies }, (message, passOn) =>
      listenInRoom(room, () => this.#receive(source, message, passOn)),
    );
    relayed.observer.once('close', () => this.#history.sourceClosed(source.id));
    return relayed;
  }

  /** Whether the disk takes nothing at present. */
  get isRecordingFailing(): boolean {
    return this.#recording?.isFailing ?? false;
  }

  /** Switches recording on or off, from this moment of the room's clock on. */
  setRecording(on: boolean, clockMs: number): void {
    this.#recording?.setEnabled(on, clockMs);
  }

  /**
   * The transcript was deleted: nobody who joins later is sent captions from it, nor of utterances that started before this moment of
   * the room's clock and end later.
   */
  transcriptDeleted(clockMs: number): void {
    this.#history.eraseBefore(clockMs);
    this.#recording?.skipBefore(clockMs);
  }

  /** @param over true: the meeting ends; false: it continues when somebody comes back */
  close(over: boolean): void {
    if (over) this.#recording?.end();
    else this.#recording?.interrupt();
  }

  #receive({ id, appData }: CaptionsProducer, bytes: Uint8Array, passOn: () => void): void {
    const { language, interpreter } = appData.booth;
    const source = { id, language };
    if (!this.#limiter.take(interpreter, bytes.byteLength)) {
      this.#warnOnce(interpreter);
      return;
    }
    const message = this.#history.parse(source, bytes);
    if (!message) {
      this.#options.log.debug({ interpreter, dropped: this.#history.dropped }, 'malformed room message dropped');
      return;
    }
    const recorded = this.#recording?.append(interpreter, message);
    this.#inOrder(recorded, () => {
      const received = this.#history.add(source, message, bytes.byteLength);
      passOn();
      for (const listener of [...this.#listeners]) listener(received);
      if (recorded && message.type === 'caption') this.#onRecorded(interpreter, message);
    });
  }

  #warnOnce(interpreter: string): void {
    if (this.#exceeding.has(interpreter)) return;
    this.#exceeding.add(interpreter);
    this.#options.log.warn({ interpreter }, 'room messages dropped: the interpreter sends more than it may');
  }

  /** Calls `deliver` at once, or when what came before is delivered and the message is recorded. */
  #inOrder(recorded: Promise<unknown> | undefined, deliver: () => void): void {
    if (!recorded && this.#waiting === 0) {
      deliver();
      return;
    }
    const { clock, room } = this.#options;
    const ready = recorded && within(clock, WRITTEN_WITHIN_MS, recorded);
    this.#waiting++;
    this.#lastDelivered = this.#lastDelivered
      .then(() => ready)
      .then(() => listenInRoom(room, deliver))
      .finally(() => this.#waiting--);
  }
}
