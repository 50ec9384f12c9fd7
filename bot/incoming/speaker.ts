/**
 * One participant coming in: their microphone, decoded while somebody wants it, rid of the channel that it may pick up, gated, and
 * given to each interpretation of them. Owns the incoming track and the interpretations.
 */

import { createOpusDecoder, DECODED_RATE } from '../../audio/opus-codec.ts';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { Clock } from '../../time/clock.ts';
import type { WantedInterpretation } from '../demand/demand.ts';
import type { Interpretation } from '../interpretation/interpretation.ts';
import type { Incoming, RoomConnection } from '../room/room-connection.ts';
import type { PictureRecipient } from '../vision/vision.ts';
import type { ReceivedPacket } from '../webrtc/media-track.ts';
import { AudioLevelGate } from './audio-level-gate.ts';
import { EchoSuppressor } from './echo/echo-suppressor.ts';
import type { FarEndReference } from './echo/far-end-reference.ts';
import { OpusReceiver } from './opus-receiver.ts';
import type { VoiceActivityDetector } from './voice-activity-detector.ts';
import { VoiceGate } from './voice-gate.ts';

/** A sender that falls silent sends nothing: from then on silence is made here, until the gate closes. */
const SILENT_AFTER_MS = 400;
const SILENCE_MS = 100;
/** A timer this late tells of a loop that was held up, behind which packets may wait. */
const HELD_UP_MS = 50;
/** Who is wanted again soon is heard at once. */
const SESSION_IDLE_TIMEOUT_MS = 30_000;

export interface SpeakerOptions {
  view: SpeakerView;
  producerId: string;
  connection: RoomConnection;
  detector: VoiceActivityDetector;
  clock: Clock;
  /** The channels that they listen to now. */
  listensTo(): readonly FarEndReference[];
  interpret(wanted: WantedInterpretation): Interpretation;
  /** They begin or cease to speak. */
  onSpeaking(speaks: boolean): void;
  adapt(interpretation: Interpretation, wanted: WantedInterpretation): void;
  /** Nobody has wanted them for a while. */
  onIdle(): void;
  /** The microphone could not be received. */
  onFailed(error: unknown): void;
}

export class Speaker {
  readonly view: SpeakerView;
  readonly producerId: string;
  readonly #options: SpeakerOptions;
  /** What is too soft for speech is not even decoded. */
  readonly #levelGate = new AudioLevelGate();
  readonly #echoGuard: EchoSuppressor;
  readonly #gate: VoiceGate;
  readonly #interpretations = new Map<LanguageCode, Interpretation>();
  /** No longer wanted, while what they heard comes out. */
  readonly #finishing = new Set<Interpretation>();
  #receiver: OpusReceiver | undefined;
  #incoming: Incoming | undefined;
  #cancelSilence: (() => void) | undefined;
  #cancelHold: (() => void) | undefined;
  #closed = false;

  constructor(options: SpeakerOptions) {
    this.view = options.view;
    this.producerId = options.producerId;
    this.#options = options;
    this.#echoGuard = new EchoSuppressor(options.listensTo);
    this.#gate = new VoiceGate(options.detector);
    this.#open().catch(options.onFailed);
  }

  /** How much of the channel their microphone picked up. */
  get echoMs(): number {
    return this.#echoGuard.silencedMs;
  }

  /** Which interpretations of this speaker should exist now. What is no longer wanted hears nothing more. */
  want(wanted: readonly WantedInterpretation[]): void {
    const targets = new Set(wanted.map(({ target }) => target));
    for (const target of this.#interpretations.keys()) if (!targets.has(target)) this.#finish(target);
    for (const one of wanted) {
      const known = this.#interpretations.get(one.target);
      if (known) this.#options.adapt(known, one);
      else this.#interpretations.set(one.target, this.#options.interpret(one));
    }
    this.#cancelHold?.();
    this.#cancelHold =
      wanted.length > 0 ? undefined : this.#options.clock.after(SESSION_IDLE_TIMEOUT_MS, this.#options.onIdle);
  }

  /** They left, or stopped their microphone: what they said before still comes out. Settles after at most 22 s. */
  async leave(): Promise<void> {
    this.#stopHearing();
    const all = [...this.#interpretations.values(), ...this.#finishing];
    await Promise.all(all.map((interpretation) => interpretation.finish()));
    this.close();
  }

  /** The sessions that hear what they say. */
  get viewers(): PictureRecipient[] {
    return [...this.#interpretations.values()].flatMap(({ pictureRecipient: viewer }) => viewer ?? []);
  }

  /** Ends at once. */
  close(): void {
    this.#stopHearing();
    for (const interpretation of [...this.#interpretations.values(), ...this.#finishing]) interpretation.close();
    this.#interpretations.clear();
    this.#finishing.clear();
  }

  #stopHearing(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#gate.isOpen) this.#options.onSpeaking(false);
    this.#cancelSilence?.();
    this.#cancelHold?.();
    this.#incoming?.close();
    this.#receiver?.close();
  }

  #finish(target: LanguageCode): void {
    const interpretation = this.#interpretations.get(target);
    if (!interpretation) return;
    this.#interpretations.delete(target);
    this.#finishing.add(interpretation);
    void interpretation.finish().finally(() => this.#finishing.delete(interpretation));
  }

  async #open(): Promise<void> {
    const decoder = await createOpusDecoder();
    if (this.#closed) {
      decoder.close();
      return;
    }
    const { connection, producerId, clock } = this.#options;
    const isWanted = ({ audioLevel }: ReceivedPacket) =>
      this.#levelGate.opensFor(audioLevel, clock.now()) || this.#gate.isOpen;
    const receiver = new OpusReceiver(decoder, clock, (...heard) => this.#arrived(...heard), isWanted);
    this.#receiver = receiver;
    const incoming = await connection.receiveAudio(producerId, (packet) => receiver.packet(packet));
    if (this.#closed) incoming.close();
    else this.#incoming = incoming;
  }

  #arrived(samples: Int16Array, agoMs: number): void {
    this.#hear(samples, agoMs);
    this.#cancelSilence?.();
    this.#cancelSilence = undefined;
    if (this.#hasMoreToSay) this.#awaitSilence(SILENT_AFTER_MS);
  }

  get #hasMoreToSay(): boolean {
    return this.#gate.isOpen || this.#echoGuard.heldMs > 0;
  }

  #awaitSilence(afterMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.now() + afterMs;
    this.#cancelSilence = clock.after(afterMs, () => {
      const heldUp = clock.now() - dueMs > HELD_UP_MS;
      if (!heldUp) this.#hear(silence(SILENCE_MS), 0);
      if (this.#hasMoreToSay) this.#awaitSilence(SILENCE_MS);
    });
  }

  #hear(samples: Int16Array, agoMs: number): void {
    const moment = { nowMs: this.#options.clock.now() - agoMs, isSpeaking: this.#gate.isVoiced };
    const clean = this.#echoGuard.push(samples, moment);
    let laterMs = this.#echoGuard.heldMs + durationMs(clean);
    for (const part of clean) {
      laterMs -= durationMs([part]);
      this.#pass(part, laterMs);
    }
  }

  /** @param laterMs how long before now its last sample was recorded */
  #pass(samples: Int16Array, laterMs: number): void {
    const wasOpen = this.#gate.isOpen;
    const heard = this.#gate.push(samples);
    const { isVoiced: voiced, isOpen } = this.#gate;
    if (isOpen !== wasOpen) this.#options.onSpeaking(isOpen);
    // What the gate had kept was said before what opened it.
    let agoMs = laterMs + durationMs(heard);
    for (const part of heard) {
      agoMs -= durationMs([part]);
      for (const interpretation of this.#interpretations.values()) interpretation.push(part, { agoMs, voiced });
    }
    if (heard.length > 0 && !isOpen)
      for (const interpretation of this.#interpretations.values()) interpretation.pause();
  }
}

const silence = (ms: number): Int16Array => new Int16Array((DECODED_RATE * ms) / 1000);

const durationMs = (parts: readonly Int16Array[]): number =>
  (parts.reduce((sum, { length }) => sum + length, 0) * 1000) / DECODED_RATE;
