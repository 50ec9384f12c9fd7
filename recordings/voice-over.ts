/**
 * A translated voice in the place of what it translates, with the original lowered beneath it or left out. Streamed: memory stays flat.
 *
 * Hard requirements: a voice never starts before its words were said, and no two overlap: one that is still speaking delays the next.
 */

/** A stretch of the translated voice. */
export interface VoicePiece {
  /** When what it translates was said, in milliseconds from the beginning of the recording. */
  startMs: number;
  /** Where its samples are among all samples of the voice. */
  offset: number;
  length: number;
}

export interface VoiceOverOptions {
  sampleRate: number;
  pieces: readonly VoicePiece[];
  /** Reads samples of the voice. */
  readVoice(offset: number, length: number): Int16Array;
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

interface Placed {
  start: number;
  end: number;
  offset: number;
}

/** Where each piece sounds, in samples from the beginning of the recording. */
export function placed(pieces: readonly VoicePiece[], sampleRate: number): Placed[] {
  let free = 0;
  return pieces
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(({ startMs, offset, length }) => {
      const start = Math.max(free, Math.round((startMs / 1000) * sampleRate));
      free = start + length + Math.round(GAP_SECONDS * sampleRate);
      return { start, end: start + length, offset };
    });
}

/** The mix, in chunks of 100 ms, until both the original and the voice have ended. */
export async function* voiceOver(options: VoiceOverOptions): AsyncGenerator<Int16Array> {
  const { sampleRate, pieces, readVoice, original, lengthSeconds = 0 } = options;
  const voices = placed(pieces, sampleRate);
  const lowering = new Lowering(voices, sampleRate);
  const end = Math.max(voices.at(-1)?.end ?? 0, Math.round(lengthSeconds * sampleRate));
  let at = 0;
  const mix = (chunk: Int16Array): Int16Array => {
    const mixed = chunk.map((sample, i) => Math.round(sample * lowering.gainAt(at + i)));
    while (voices[0] && voices[0].end <= at) voices.shift();
    for (const voice of voices) {
      if (voice.start >= at + chunk.length) break;
      add(mixed, at, voice, readVoice);
    }
    at += chunk.length;
    return mixed;
  };
  for await (const chunk of original ?? []) yield mix(chunk);
  const chunkSamples = sampleRate / 10;
  while (at < end) yield mix(new Int16Array(Math.min(chunkSamples, end - at)));
}

function add(mixed: Int16Array, at: number, { start, end, offset }: Placed, read: VoiceOverOptions['readVoice']): void {
  const from = Math.max(at, start);
  const samples = read(offset + from - start, Math.min(at + mixed.length, end) - from);
  for (const [i, sample] of samples.entries()) {
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
