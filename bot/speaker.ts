/**
 * One participant coming in: their microphone, decoded while somebody wants it, gated, and given to each interpretation of
 * them. Owns the incoming track and the interpretations.
 */
import type { SpeakerView } from '../protocol/room-messages.ts';
import type { Clock } from './clock.ts';
import type { Wanted } from './demand.ts';
import type { Interpretation } from './interpretation.ts';
import { createOpusDecoder, DECODED_RATE } from './participant/opus.ts';
import { OpusReceiver } from './participant/opus-receiver.ts';
import type { Incoming, RoomConnection } from './participant/room-connection.ts';
import { VoiceGate } from './participant/voice-gate.ts';

/** A sender that falls silent sends nothing: from then on silence is made here, until the gate closes. */
const SILENT_AFTER_MS = 400;
const SILENCE_MS = 100;
/** Long enough for any service to take a sentence for finished. */
const LAST_PAUSE_MS = 1500;
/** A timer this late tells of a loop that was held up, behind which packets may wait. */
const HELD_UP_MS = 50;

export interface SpeakerOptions {
  view: SpeakerView;
  producerId: string;
  connection: RoomConnection;
  clock: Clock;
  /** How long an interpretation that nobody wants any more is kept. */
  holdMs: number;
  interpret(wanted: Wanted): Interpretation;
  /** Nobody wants them any more, and nothing of them is held. */
  onIdle(): void;
  /** The microphone could not be received. */
  onFailed(error: unknown): void;
}

interface Held {
  interpretation: Interpretation;
  wanted: Wanted | undefined;
  cancelHold: (() => void) | undefined;
}

export class Speaker {
  readonly view: SpeakerView;
  readonly producerId: string;
  readonly #options: SpeakerOptions;
  readonly #gate = new VoiceGate();
  readonly #interpretations = new Map<string, Held>();
  #receiver: OpusReceiver | undefined;
  #incoming: Incoming | undefined;
  #cancelSilence: (() => void) | undefined;
  #closed = false;

  constructor(options: SpeakerOptions) {
    this.view = options.view;
    this.producerId = options.producerId;
    this.#options = options;
    this.#open().catch(options.onFailed);
  }

  /** Which interpretations of this speaker should exist now. What is no longer wanted stops at once and is kept for a while. */
  want(wanted: readonly Wanted[]): void {
    const keys = new Set(wanted.map(keyOf));
    for (const [key, held] of this.#interpretations) if (!keys.has(key) && held.wanted) this.#hold(key, held);
    for (const one of wanted) this.#resume(one);
  }

  /** They left, or stopped their microphone: what they said before still comes out. Settles after at most 22 s. */
  async leave(): Promise<void> {
    this.#stopHearing();
    const speaking = [...this.#interpretations.values()].filter(({ wanted }) => wanted !== undefined);
    await Promise.all(speaking.map(({ interpretation }) => interpretation.finish()));
    this.close();
  }

  /** Ends at once. */
  close(): void {
    this.#stopHearing();
    for (const { interpretation, cancelHold } of this.#interpretations.values()) {
      cancelHold?.();
      interpretation.close();
    }
    this.#interpretations.clear();
  }

  #stopHearing(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelSilence?.();
    this.#incoming?.close();
    this.#receiver?.close();
  }

  #resume(wanted: Wanted): void {
    const key = keyOf(wanted);
    const held = this.#interpretations.get(key) ?? {
      interpretation: this.#options.interpret(wanted),
      wanted: undefined,
      cancelHold: undefined,
    };
    this.#interpretations.set(key, held);
    held.cancelHold?.();
    held.cancelHold = undefined;
    held.wanted = wanted;
    held.interpretation.publishesOriginals = wanted.originals;
  }

  #hold(key: string, held: Held): void {
    held.wanted = undefined;
    // It hears no more of the sentence that it is in: a pause lets out what it has heard.
    if (this.#gate.isOpen) held.interpretation.hear(silence(LAST_PAUSE_MS));
    held.interpretation.publishesOriginals = false;
    held.cancelHold = this.#options.clock.after(this.#options.holdMs, () => {
      this.#interpretations.delete(key);
      held.interpretation.close();
      if (this.#interpretations.size === 0) this.#options.onIdle();
    });
  }

  async #open(): Promise<void> {
    const decoder = await createOpusDecoder();
    if (this.#closed) {
      decoder.close();
      return;
    }
    const receiver = new OpusReceiver(decoder, this.#options.clock, (samples) => this.#arrived(samples));
    this.#receiver = receiver;
    const { connection, producerId } = this.#options;
    const incoming = await connection.receiveAudio(producerId, (packet) => receiver.packet(packet));
    if (this.#closed) incoming.close();
    else this.#incoming = incoming;
  }

  #arrived(samples: Int16Array): void {
    this.#hear(samples);
    this.#cancelSilence?.();
    this.#cancelSilence = undefined;
    if (this.#gate.isOpen) this.#awaitSilence(SILENT_AFTER_MS);
  }

  #awaitSilence(afterMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.now() + afterMs;
    this.#cancelSilence = clock.after(afterMs, () => {
      const heldUp = clock.now() - dueMs > HELD_UP_MS;
      if (!heldUp) this.#hear(silence(SILENCE_MS));
      if (this.#gate.isOpen) this.#awaitSilence(SILENCE_MS);
    });
  }

  #hear(samples: Int16Array): void {
    const heard = this.#gate.push(samples);
    // What the gate had kept was said before what opened it.
    let samplesAgo = heard.reduce((sum, { length }) => sum + length, 0);
    for (const part of heard) {
      samplesAgo -= part.length;
      const agoMs = (samplesAgo * 1000) / DECODED_RATE;
      for (const { interpretation, wanted } of this.#interpretations.values())
        if (wanted) interpretation.hear(part, agoMs);
    }
  }
}

const silence = (ms: number): Int16Array => new Int16Array((DECODED_RATE * ms) / 1000);

/** A change of any of these needs another session. */
const keyOf = ({ source, target, audio }: Wanted): string => `${source} ${target} ${audio}`;
