/**
 * A translated voice in the place of what it translates, with the original lowered beneath it or left out. Streamed: memory stays flat.
 *
 * Hard requirements: a voice never starts before its words were said, and no two overlap: one that is still speaking delays the next.
 * One that would delay it by more than a second is made faster, as far as speech may be.
 */

/** A stretch of the translated voice. */
export interface VoicePiece {
  /** When what it translates was said, in milliseconds from the beginning of the recording. */
  startMs: number;
  /** Where its samples are among all samples of the voice. */
  offset: number;
  length: number;
}

export interface VoiceCompression {
  /** How much faster a voice may become; 1.2: six seconds are said in five. */
  maxTempo: number;
  /** The same voice, faster. The same input has the same output. */
  compress(samples: Int16Array, tempo: number): Int16Array;
}

export interface VoiceOverOptions {
  sampleRate: number;
  pieces: readonly VoicePiece[];
  /** Reads samples of the voice. */
  readVoice(offset: number, length: number): Int16Array;
  /** How a voice is made faster. Undefined: it is not. */
  compression?: VoiceCompression;
  /** The original, lowered while the voice speaks. Undefined: it is left out. */
  original?: AsyncIterable<Int16Array>;
  /** Silence follows what is shorter than this. */
  lengthSeconds?: number;
}

/** 14 dB. */
const LOWERED = 0.2;
const FADE_SECONDS = 0.25;
/** The original stays lowered in a pause that is shorter than this. */
const PAUSE_SECONDS = 1;
const GAP_SECONDS = 0.1;
const MAX_SAMPLE = 32_767;

/** By how much a voice may delay the next one before it is made faster. */
const TOLERATED_DELAY_SECONDS = 1;

interface Placed extends VoicePiece {
  /** Where it sounds, in samples from the beginning of the recording. */
  start: number;
  end: number;
  /** How much faster it is said; 1: as it came, to the sample. */
  tempo: number;
}

type VoicePlacing = Pick<VoiceOverOptions, 'sampleRate' | 'pieces' | 'readVoice' | 'compression'>;

/** Where and how fast each piece sounds. */
export function placed(placing: VoicePlacing): Placed[] {
  const { sampleRate, pieces, compression } = placing;
  const samplesAt = (ms: number) => Math.round((ms / 1000) * sampleRate);
  const gap = Math.round(GAP_SECONDS * sampleRate);
  const sorted = pieces.filter(({ length }) => length > 0).toSorted((a, b) => a.startMs - b.startMs);
  let free = 0;
  return sorted.map((piece, i) => {
    const start = Math.max(free, samplesAt(piece.startMs));
    const next = sorted[i + 1];
    const room = next ? samplesAt(next.startMs) + TOLERATED_DELAY_SECONDS * sampleRate - gap - start : piece.length;
    const tempo = compression && room < piece.length ? tempoFor(piece.length, room, compression) : 1;
    const end = start + (tempo === 1 ? piece.length : spoken(placing, piece, tempo).length);
    free = end + gap;
    return { ...piece, start, end, tempo };
  });
}

const tempoFor = (length: number, room: number, { maxTempo }: VoiceCompression): number =>
  room > 0 ? Math.min(maxTempo, length / room) : maxTempo;

function spoken({ readVoice, compression }: VoicePlacing, { offset, length }: VoicePiece, tempo: number): Int16Array {
  const samples = readVoice(offset, length);
  return compression && tempo !== 1 ? compression.compress(samples, tempo) : samples;
}

/** The mix, in chunks of 100 ms, until both the original and the voice have ended. */
export async function* voiceOver(options: VoiceOverOptions): AsyncGenerator<Int16Array> {
  const { sampleRate, original, lengthSeconds = 0 } = options;
  const voices = placed(options);
  const lowering = new Lowering(voices, sampleRate);
  const end = Math.max(voices.at(-1)?.end ?? 0, Math.round(lengthSeconds * sampleRate));
  let at = 0;
  let sounding: { voice: Placed; samples: Int16Array } | undefined;
  const samplesOf = (voice: Placed): Int16Array => {
    if (sounding?.voice !== voice) sounding = { voice, samples: spoken(options, voice, voice.tempo) };
    return sounding.samples;
  };
  const mix = (chunk: Int16Array): Int16Array => {
    const mixed = chunk.map((sample, i) => Math.round(sample * lowering.gainAt(at + i)));
    while (voices[0] && voices[0].end <= at) voices.shift();
    for (const voice of voices) {
      if (voice.start >= at + chunk.length) break;
      add(mixed, at, voice, samplesOf(voice));
    }
    at += chunk.length;
    return mixed;
  };
  for await (const chunk of original ?? []) yield mix(chunk);
  const chunkSamples = sampleRate / 10;
  while (at < end) yield mix(new Int16Array(Math.min(chunkSamples, end - at)));
}

function add(mixed: Int16Array, at: number, { start }: Placed, voice: Int16Array): void {
  const from = Math.max(at, start);
  for (const [i, sample] of voice.subarray(from - start, at + mixed.length - start).entries()) {
    const sum = (mixed[from - at + i] ?? 0) + sample;
    mixed[from - at + i] = Math.max(-MAX_SAMPLE, Math.min(MAX_SAMPLE, sum));
  }
}

/** How loud the original is at each sample; asked for in their order. */
class Lowering {
  readonly #stretches: { start: number; end: number }[] = [];
  readonly #fade: number;

  constructor(voices: readonly Placed[], sampleRate: number) {
    this.#fade = FADE_SECONDS * sampleRate;
    for (const { start, end } of voices) {
      const last = this.#stretches.at(-1);
      if (last && start - last.end < PAUSE_SECONDS * sampleRate) last.end = end;
      else this.#stretches.push({ start, end });
    }
  }

  gainAt(sample: number): number {
    while (this.#stretches[0] && this.#stretches[0].end + this.#fade <= sample) this.#stretches.shift();
    const [next] = this.#stretches;
    if (!next) return 1;
    const away = Math.max(next.start - sample, sample - next.end, 0);
    return LOWERED + (1 - LOWERED) * Math.min(1, away / this.#fade);
  }
}
