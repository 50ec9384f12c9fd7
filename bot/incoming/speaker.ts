/**
 * One participant whose speech is interpreted: their microphone, decoded while somebody wants it, freed of the echo of the channel they
 * listen to, amplified where it is quiet, gated by voice activity, and handed to each interpretation of them. Owns the incoming track
 * and the interpretations.
 *
 * A track that cannot be received, or was lost, is received again with a doubling pause, for as long as the speaker is there.
 */

import type { LanguageCode, SpeakerStats, SpeakerView } from '@mediasoup-booth/protocol';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { ReceivedPacket } from '../../rtp/received-packet.ts';
import type { Clock } from '../../time/clock.ts';
import { keepOpen } from '../../time/keep-open.ts';
import type { WantedInterpretation } from '../demand/demand.ts';
import type { Interpretation } from '../interpretation/interpretation.ts';
import type { Incoming, RoomConnection } from '../room/room-connection.ts';
import type { ImageSink } from '../vision/vision.ts';
import { AudioLevelGate } from './audio-level-gate.ts';
import { AutomaticGain } from './automatic-gain.ts';
import { EchoSuppressor } from './echo/echo-suppressor.ts';
import type { FarEndReference } from './echo/far-end-reference.ts';
import { OpusReceiver } from './opus-receiver.ts';
import type { VoiceActivityDetector } from './voice-activity-detector.ts';
import { VoiceGate } from './voice-gate.ts';
import { VoiceLevelMonitor } from './voice-level-monitor.ts';

/** A sender with DTX, or one that mutes, sends nothing in silence: after this long, silence is generated until the gate closes. */
const SILENCE_AFTER_MS = 400;
/** Milliseconds of silence that are generated at a time. */
const SILENCE_CHUNK_MS = 100;
/** A timer that fires this late tells of a blocked event loop, behind which packets may wait: no silence is generated then. */
const LATE_TIMER_MS = 50;
/** How long a speaker whom nobody wants is still received, so that they are heard at once when somebody does. */
const IDLE_TIMEOUT_MS = 30_000;

interface SpeakerOptions {
  view: SpeakerView;
  /** The producer of the microphone. */
  producerId: string;
  connection: Pick<RoomConnection, 'receiveAudio'>;
  detector: VoiceActivityDetector;
  clock: Clock;
  /** Returns the channels that the speaker listens to now, whose echo their microphone may pick up. */
  farEndReferences(): readonly FarEndReference[];
  createInterpretation(wanted: WantedInterpretation): Interpretation;
  /** Applies what has changed in what is wanted of an interpretation that exists. */
  updateInterpretation(interpretation: Interpretation, wanted: WantedInterpretation): void;
  /** The speaker starts or stops speaking. */
  onSpeakingChanged(isSpeaking: boolean): void;
  /** The speaker is too quiet to be understood well, is so still, or is no longer. */
  onTooQuiet(isTooQuiet: boolean): void;
  /** Nobody has wanted an interpretation of the speaker for 30 s. */
  onIdle(): void;
  /** The microphone is received. */
  onReceiving(): void;
  /** The microphone could not be received; the next attempt follows in `retryInMs`. */
  onFailed(error: unknown, retryInMs: number): void;
}

/**
 * @example
 * const speaker = new Speaker({ view, producerId, connection, … });
 * speaker.reconcile(wanted); // whenever demand changes
 * await speaker.finish(); // the participant left
 */
export class Speaker {
  readonly view: SpeakerView;
  readonly producerId: string;
  readonly #options: SpeakerOptions;
  readonly #audioLevelGate = new AudioLevelGate();
  readonly #echoSuppressor: EchoSuppressor;
  readonly #gain = new AutomaticGain();
  readonly #voiceGate: VoiceGate;
  readonly #levelMonitor = new VoiceLevelMonitor();
  readonly #interpretations = new Map<LanguageCode, Interpretation>();
  /** Interpretations that are no longer wanted, until what was said is translated. */
  readonly #finishing = new Set<Interpretation>();
  #receiver: OpusReceiver | undefined;
  #incoming: Incoming | undefined;
  readonly #stopOpening: () => void;
  #receiveFailed = false;
  #cancelSilenceTimer: (() => void) | undefined;
  #cancelIdleTimer: (() => void) | undefined;
  /** Milliseconds of speech dropped by interpretations that have ended. */
  #droppedMs = 0;
  #closed = false;

  constructor(options: SpeakerOptions) {
    this.view = options.view;
    this.producerId = options.producerId;
    this.#options = options;
    this.#echoSuppressor = new EchoSuppressor(options.farEndReferences);
    this.#voiceGate = new VoiceGate(options.detector);
    this.#stopOpening = keepOpen({
      open: (onLost) => this.#openMicrophone(onLost),
      discard: (incoming) => incoming.close(),
      onOpened: (incoming) => {
        this.#incoming = incoming;
        this.#receiveFailed = false;
        options.onReceiving();
      },
      onFailed: (error, retryInMs) => {
        this.#receiveFailed = true;
        options.onFailed(error, retryInMs);
      },
      clock: options.clock,
    });
  }

  /** The microphone could not be received so far; the next attempt follows by itself. */
  get receiveFailed(): boolean {
    return this.#receiveFailed;
  }

  /** Milliseconds of echo silenced in the speaker's microphone. */
  get echoMs(): number {
    return this.#echoSuppressor.silencedMs;
  }

  /** Counts of the speaker's packets and speech since the microphone was opened. */
  get stats(): SpeakerStats {
    const { received, lost, repaired, late, decodeErrors, garbage } = this.#receiver?.counts ?? noPackets;
    const current = [...this.#interpretations.values(), ...this.#finishing];
    return {
      speaker: this.view.id,
      packets: {
        received,
        dropped: this.#incoming?.droppedPackets ?? 0,
        nacked: this.#incoming?.nackedPackets ?? 0,
        lost,
        repaired,
        late,
        decodeErrors,
        garbage,
      },
      speechDroppedMs: current.reduce((sum, { droppedMs }) => sum + droppedMs, this.#droppedMs),
      speechWaitingMs: Math.max(0, ...current.map(({ waitingMs }) => waitingMs)),
      echoSuppressedMs: this.echoMs,
    };
  }

  /** The translation sessions that hear the speaker now, and can be shown pictures. */
  get imageSinks(): ImageSink[] {
    return [...this.#interpretations.values()].flatMap(({ imageSink }) => imageSink ?? []);
  }

  /**
   * Creates, updates and finishes interpretations so that exactly the wanted ones exist, one for each target language. An interpretation
   * that is no longer wanted gets no more speech.
   */
  reconcile(wanted: readonly WantedInterpretation[]): void {
    const targets = new Set(wanted.map(({ target }) => target));
    for (const target of this.#interpretations.keys()) if (!targets.has(target)) this.#finishInterpretation(target);
    for (const one of wanted) {
      const existing = this.#interpretations.get(one.target);
      if (existing) this.#options.updateInterpretation(existing, one);
      else this.#interpretations.set(one.target, this.#options.createInterpretation(one));
    }
    this.#cancelIdleTimer?.();
    this.#cancelIdleTimer =
      wanted.length > 0 ? undefined : this.#options.clock.after(IDLE_TIMEOUT_MS, this.#options.onIdle);
  }

  /** Stops receiving, lets what was said be translated, then closes. Settles after at most 22 s. */
  async finish(): Promise<void> {
    this.#stopReceiving();
    const all = [...this.#interpretations.values(), ...this.#finishing];
    await Promise.all(all.map((interpretation) => interpretation.finish()));
    this.close();
  }

  /** Ends everything at once; what was said and is not translated yet is lost. */
  close(): void {
    this.#stopReceiving();
    for (const interpretation of [...this.#interpretations.values(), ...this.#finishing]) {
      interpretation.close();
      this.#droppedMs += interpretation.droppedMs;
    }
    this.#interpretations.clear();
    this.#finishing.clear();
  }

  #stopReceiving(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#voiceGate.isOpen) this.#options.onSpeakingChanged(false);
    if (this.#levelMonitor.isTooQuiet) this.#options.onTooQuiet(false);
    this.#cancelSilenceTimer?.();
    this.#cancelIdleTimer?.();
    this.#stopOpening();
    this.#incoming?.close();
    this.#receiver?.close();
  }

  #finishInterpretation(target: LanguageCode): void {
    const interpretation = this.#interpretations.get(target);
    if (!interpretation) return;
    this.#interpretations.delete(target);
    this.#finishing.add(interpretation);
    void interpretation.finish().finally(() => {
      if (this.#finishing.delete(interpretation)) this.#droppedMs += interpretation.droppedMs;
    });
  }

  async #openMicrophone(onLost: () => void): Promise<Incoming> {
    const { connection, producerId } = this.#options;
    const receiver = this.#receiver ?? (await this.#createReceiver());
    receiver.restart();
    return connection.receiveAudio(producerId, (packet) => receiver.push(packet), onLost);
  }

  /** @throws where the speaker was closed in the meantime */
  async #createReceiver(): Promise<OpusReceiver> {
    const decoder = await createOpusDecoder();
    if (this.#closed) {
      decoder.close();
      throw new Error('the speaker is no longer received');
    }
    const { clock } = this.#options;
    const isWanted = ({ audioLevel }: ReceivedPacket) =>
      this.#audioLevelGate.push(audioLevel, clock.now()) || this.#voiceGate.isOpen;
    this.#receiver = new OpusReceiver(decoder, clock, (samples, agoMs) => this.#receive(samples, agoMs), isWanted);
    return this.#receiver;
  }

  #receive(samples: Int16Array, agoMs: number): void {
    this.#suppressEcho(samples, agoMs);
    this.#cancelSilenceTimer?.();
    this.#cancelSilenceTimer = undefined;
    if (this.#hasPendingSpeech) this.#scheduleSilence(SILENCE_AFTER_MS);
  }

  /** Speech is under way, or sound that may be speech is held by the echo suppressor. */
  get #hasPendingSpeech(): boolean {
    return this.#voiceGate.isOpen || this.#echoSuppressor.heldMs > 0;
  }

  #scheduleSilence(afterMs: number): void {
    const { clock } = this.#options;
    const dueMs = clock.now() + afterMs;
    this.#cancelSilenceTimer = clock.after(afterMs, () => {
      const isLate = clock.now() - dueMs > LATE_TIMER_MS;
      if (!isLate) this.#suppressEcho(silence(SILENCE_CHUNK_MS), 0);
      if (this.#hasPendingSpeech) this.#scheduleSilence(SILENCE_CHUNK_MS);
    });
  }

  /** @param agoMs how long before now the last sample was recorded */
  #suppressEcho(samples: Int16Array, agoMs: number): void {
    const time = { nowMs: this.#options.clock.now() - agoMs, isSpeaking: this.#voiceGate.isSpeech };
    const clean = this.#echoSuppressor.push(samples, time);
    let partAgoMs = this.#echoSuppressor.heldMs + durationMs(clean);
    for (const part of clean) {
      partAgoMs -= durationMs([part]);
      this.#gateAndForward(part, partAgoMs);
    }
  }

  #checkLevel(samples: Int16Array): void {
    const isTooQuiet = this.#levelMonitor.push(samples, this.#options.clock.now());
    if (isTooQuiet !== undefined) this.#options.onTooQuiet(isTooQuiet);
  }

  /** @param agoMs how long before now the last sample was recorded */
  #gateAndForward(samples: Int16Array, agoMs: number): void {
    const wasOpen = this.#voiceGate.isOpen;
    const passed = this.#voiceGate.push(this.#gain.push(samples), { mayOpen: !this.#receiver?.isDoubtful });
    const { isSpeech, isOpen } = this.#voiceGate;
    if (isOpen !== wasOpen) this.#options.onSpeakingChanged(isOpen);
    if (isSpeech) this.#checkLevel(samples);
    // The gate's pre-roll was said before the sound that opened the gate.
    let partAgoMs = agoMs + durationMs(passed);
    for (const part of passed) {
      partAgoMs -= durationMs([part]);
      for (const interpretation of this.#interpretations.values())
        interpretation.push(part, { agoMs: partAgoMs, isSpeech });
    }
    if (passed.length > 0 && !isOpen)
      for (const interpretation of this.#interpretations.values()) interpretation.pause();
  }
}

const noPackets = { received: 0, lost: 0, repaired: 0, late: 0, decodeErrors: 0, garbage: 0 };

const silence = (ms: number): Int16Array => new Int16Array((SPEECH_SAMPLE_RATE * ms) / 1000);

const durationMs = (parts: readonly Int16Array[]): number =>
  (parts.reduce((sum, { length }) => sum + length, 0) * 1000) / SPEECH_SAMPLE_RATE;
