/**
 * An interpreted meeting in fake time: people speak words of the simulated vendor's vocabulary, sent as Opus, and every caption and packet
 * that the interpreter publishes is kept. Words are tones, which no voice activity detector takes for speech; a loudness detector is used
 * instead.
 */

import type { CaptionMessage, LanguageCode, ParticipantView, SpeakerView } from '@mediasoup-booth/protocol';
import { ConnectionScheduler } from '../../account/connection-scheduler.ts';
import { createOpusDecoder, createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { localConnectionLimiter } from '../../bot/session/connection-limiter.ts';
import { type SentAudioKind, UsageRecorder } from '../../bot/usage/usage-recorder.ts';
import { type DecodedSound, ToneDecoder } from '../../engine/scripted/tone-decoder.ts';
import { tonesFor, vocabulary, wordsInText } from '../../engine/scripted/tone-words.ts';
import { loudnessDetector } from './loudness.ts';
import type { ScriptedRoom } from './scripted-room.ts';
import { SimulatedInterpretation, type SimulatedInterpretationOptions } from './simulated-interpretation.ts';

const STEP_MS = 20;
/** Audio levels as in RFC 6464, in −dBov. */
const LOUD = 15;
const SILENT = 127;
/** After this much silence the voice gate has closed, and the next word counts as a new start of speech. */
const NEW_VOICE_AFTER_MS = 2000;
/** Silence that is inserted between two stretches of sound on a channel. */
const GAP = new Int16Array(SPEECH_SAMPLE_RATE / 10);

export interface SimulatedMeetingOptions extends Pick<SimulatedInterpretationOptions, 'model' | 'script' | 'seed'> {
  connectionsPerMinute?: number;
  tokensPerMinute?: number;
  /** The most that a translation may lag before it is skipped. Default: nothing is skipped, so that lost words can be found. */
  maxLagMs?: number;
  /** The age at which a session is replaced. Default: the interpreter's. */
  maxSessionAgeMs?: number;
  /** Called with every caption when it is published. */
  onCaption?(caption: CaptionMessage): void;
  /** Called with all audio that an interpretation sends, when it is sent. */
  onSent?(speaker: string, language: LanguageCode, what: SentAudioKind, ms: number): void;
}

/** The time that speech waited until some of it was sent to a session of a language. */
export interface VoiceWait {
  /** The time at which the speech started. */
  atMs: number;
  waitMs: number;
}

/** The captions of one language, as readers received them. */
export interface ReadCaptions {
  originals: CaptionMessage[];
  translations: CaptionMessage[];
}

interface SoundPacket {
  payload: Uint8Array;
  /** The id of the speaker whose translation it is. */
  speaker: string | undefined;
  follows: boolean;
}

export class SimulatedMeeting extends SimulatedInterpretation {
  readonly waits: VoiceWait[] = [];
  readonly #microphones = new Map<string, Microphone>();
  readonly #voices = new Map<string, { sinceMs: number; sentInto: Set<LanguageCode> }>();
  readonly #sound = new Map<LanguageCode, SoundPacket[]>();
  readonly #playing = new Map<LanguageCode, string>();
  readonly #encoded: EncodedWords;
  #words = 0;

  /** Starts a meeting of these people. */
  static async start(people: readonly ParticipantView[], options: SimulatedMeetingOptions = {}) {
    const meeting = new SimulatedMeeting(people, options, await encodedWords());
    await meeting.started();
    return meeting;
  }

  private constructor(people: readonly ParticipantView[], options: SimulatedMeetingOptions, encoded: EncodedWords) {
    const {
      connectionsPerMinute = 8,
      tokensPerMinute = 100_000,
      maxSessionAgeMs,
      maxLagMs = Number.POSITIVE_INFINITY,
      onCaption,
      onSent,
      ...simulated
    } = options;
    const usage = new WatchedUsage((speaker, language, what, ms) => {
      if (what !== 'silence') this.#recordWait(speaker, language);
      onSent?.(speaker, language, what, ms);
    });
    super(people, {
      ...simulated,
      script: { paraphrases: true, ...simulated.script },
      connectionLimiter: (clock) =>
        localConnectionLimiter(new ConnectionScheduler({ connectionsPerMinute, tokensPerMinute }), clock),
      interpreter: {
        usage,
        newDetector: () => loudnessDetector,
        playout: { tracks: 'mixed', maxLagMs, voices: 1 },
        ...(maxSessionAgeMs !== undefined && {
          maxSessionAge: { ms: maxSessionAgeMs, tokens: Number.POSITIVE_INFINITY },
        }),
      },
    });
    this.#encoded = encoded;
    this.room.onChannelPacket = ({ channel: { language }, payload, marker }) => {
      const packets = this.#sound.get(language) ?? [];
      this.#sound.set(language, packets);
      packets.push({ payload: payload.slice(), speaker: this.#playing.get(language), follows: !marker });
    };
    this.room.onMessage = (message) => {
      if (message.type === 'caption') onCaption?.(message);
      if (message.type === 'playout' && message.state === 'started')
        this.#playing.set(message.language, message.speaker.id);
    };
    for (const { id, producers } of people) if (producers.length > 0) this.speaker(id);
  }

  /** The microphone of a participant; it sends packets from now on. */
  speaker(id: string): Microphone {
    const known = this.#microphones.get(id);
    if (known) return known;
    const microphone = new Microphone(id, this.room, this.#encoded, () => this.#voiceStarted(id));
    this.#microphones.set(id, microphone);
    return microphone;
  }

  /** The next words of the vocabulary, in turn. */
  words(count: number): string[] {
    return Array.from({ length: count }, () => vocabulary[this.#words++ % vocabulary.length] ?? '');
  }

  override async passTime(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      for (const microphone of this.#microphones.values()) microphone.step(this.clock.now());
      await super.passTime(STEP_MS, STEP_MS);
    }
  }

  async until(done: () => boolean, limitMs = 120_000): Promise<void> {
    for (let passed = 0; !done(); passed += STEP_MS) {
      if (passed > limitMs) throw new Error(`not within ${limitMs} ms`);
      await this.passTime(STEP_MS);
    }
  }

  /** Speaks these words and then pauses. */
  async utters(speaker: Microphone, words: readonly string[], pauseMs = 2500): Promise<void> {
    speaker.says(words);
    await this.until(() => !speaker.isSpeaking);
    await this.passTime(pauseMs);
  }

  captions(language: LanguageCode): ReadCaptions {
    const all = this.room.messages(language).filter((message) => message.type === 'caption');
    return {
      originals: all.filter(({ kind }) => kind === 'original'),
      translations: all.filter(({ kind }) => kind === 'translation'),
    };
  }

  /** The words that sounded on the channel of a language, in order; of one speaker, or of all. */
  async playedWords(language: LanguageCode, speaker?: string): Promise<string[]> {
    const packets = this.#sound.get(language) ?? [];
    const decoder = await createOpusDecoder();
    const toneDecoder = new ToneDecoder(SPEECH_SAMPLE_RATE);
    const heard: DecodedSound[] = [];
    for (const packet of packets) {
      const samples = decoder.decode(packet.payload);
      if (!packet.follows) heard.push(...toneDecoder.push(GAP));
      if (speaker === undefined || packet.speaker === speaker) heard.push(...toneDecoder.push(samples));
    }
    decoder.close();
    return [...heard, ...toneDecoder.push(GAP)].flatMap((sound) => (sound.kind === 'word' ? [sound.word] : []));
  }

  /** Milliseconds of sound on the channel of a language. */
  playedMs(language: LanguageCode): number {
    return (this.#sound.get(language) ?? []).length * STEP_MS;
  }

  /** The number of times that the channel of a language started to sound after a silence. */
  stretchesOfSound(language: LanguageCode): number {
    return (this.#sound.get(language) ?? []).filter(({ follows }) => !follows).length;
  }

  /** Milliseconds of audio that all interpretations have sent to sessions. */
  get sentMs(): Record<SentAudioKind, number> {
    const total = { speech: 0, replayed: 0, silence: 0 };
    for (const { sentMs } of this.interpreter.usage.entries())
      for (const what of ['speech', 'replayed', 'silence'] as const) total[what] += sentMs[what];
    return total;
  }

  #voiceStarted(speaker: string): void {
    this.#voices.set(speaker, { sinceMs: this.clock.now(), sentInto: new Set() });
  }

  #recordWait(speaker: string, language: LanguageCode): void {
    const voice = this.#voices.get(speaker);
    if (!voice || voice.sentInto.has(language)) return;
    voice.sentInto.add(language);
    this.waits.push({ atMs: voice.sinceMs, waitMs: this.clock.now() - voice.sinceMs });
  }
}

/** Sends a packet with its audio level every 20 ms. */
export class Microphone {
  readonly id: string;
  /** The words that were spoken so far. */
  readonly said: string[] = [];
  readonly #room: Pick<ScriptedRoom, 'sendPacket'>;
  readonly #encoded: EncodedWords;
  readonly #onVoice: () => void;
  #saying: Buffer[] = [];
  #lastVoiceMs = Number.NEGATIVE_INFINITY;

  /** @param onVoice called when speech starts after a silence */
  constructor(id: string, room: Pick<ScriptedRoom, 'sendPacket'>, encoded: EncodedWords, onVoice: () => void) {
    this.id = id;
    this.#room = room;
    this.#encoded = encoded;
    this.#onVoice = onVoice;
  }

  get isSpeaking(): boolean {
    return this.#saying.length > 0;
  }

  says(words: readonly string[]): void {
    this.said.push(...words);
    for (const word of words) this.#saying.push(...(this.#encoded.words.get(word) ?? []));
  }

  /** Drops the words that were not spoken yet. */
  fallsSilent(): void {
    this.#saying = [];
  }

  step(nowMs: number): void {
    const speechPacket = this.#saying.shift();
    if (speechPacket) {
      if (nowMs - this.#lastVoiceMs >= NEW_VOICE_AFTER_MS) this.#onVoice();
      this.#lastVoiceMs = nowMs;
    }
    this.#room.sendPacket(this.id, speechPacket ?? this.#encoded.silence, speechPacket ? LOUD : SILENT);
  }
}

/** Packets of 20 ms. Each word is encoded separately, as if silence came before it. */
interface EncodedWords {
  words: ReadonlyMap<string, readonly Buffer[]>;
  silence: Buffer;
}

let encodedOnce: Promise<EncodedWords> | undefined;

function encodedWords(): Promise<EncodedWords> {
  encodedOnce ??= encodeWords();
  return encodedOnce;
}

async function encodeWords(): Promise<EncodedWords> {
  const words = new Map<string, Buffer[]>();
  for (const word of vocabulary) words.set(word, await encoded(tonesFor([word], { rate: VOICE_SAMPLE_RATE })));
  const [silence = Buffer.alloc(0)] = await encoded(new Int16Array(OPUS_FRAME_SAMPLES));
  return { words, silence };
}

async function encoded(sound: Int16Array): Promise<Buffer[]> {
  const encoder = await createOpusEncoder();
  const packets: Buffer[] = [];
  for (let at = 0; at < sound.length; at += OPUS_FRAME_SAMPLES)
    packets.push(Buffer.from(encoder.encode(sound.subarray(at, at + OPUS_FRAME_SAMPLES))));
  encoder.close();
  return packets;
}

/** Calls `onSent` for all audio that is recorded as sent. */
class WatchedUsage extends UsageRecorder {
  readonly #onSent: NonNullable<SimulatedMeetingOptions['onSent']>;
  readonly #watched = new Set<object>();

  constructor(onSent: NonNullable<SimulatedMeetingOptions['onSent']>) {
    super();
    this.#onSent = onSent;
  }

  override entry(speaker: SpeakerView, language: LanguageCode): ReturnType<UsageRecorder['entry']> {
    const entry = super.entry(speaker, language);
    if (this.#watched.has(entry)) return entry;
    this.#watched.add(entry);
    const addAudio = entry.addAudio.bind(entry);
    entry.addAudio = (what, ms) => {
      addAudio(what, ms);
      this.#onSent(speaker.id, language, what, ms);
    };
    return entry;
  }
}

/** The whole text of each final caption, in order. */
export const finalTexts = (captions: readonly CaptionMessage[]): string[] =>
  captions.filter(({ final }) => final).map(({ stable, corrected }) => corrected ?? stable);

export const wordsIn = (captions: readonly CaptionMessage[]): string[] => finalTexts(captions).flatMap(wordsInText);

export const countsOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(words.toSorted(), (word) => word)].map(([word, all]) => [word, all.length]));
