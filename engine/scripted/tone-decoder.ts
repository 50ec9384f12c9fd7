/**
 * Recognises a stream of sound: words of the vocabulary, other voices, and silence. The result depends only on the sound, not on how it is
 * divided into chunks. It holds 50 ms of sound.
 */
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { rootMeanSquare, wordOf } from './tone-words.ts';

export type DecodedSound =
  /** A word, at its end. Times are milliseconds since the first sample. */
  | { kind: 'word'; word: string; startMs: number; endMs: number }
  /** A voice that says no word of the vocabulary. */
  | { kind: 'voice'; startMs: number; endMs: number }
  /** The start of sound after silence; the fingerprint is the same for the same sound. */
  | { kind: 'onset'; print: number }
  | { kind: 'silence'; sinceMs: number; untilMs: number };

const FRAME_MS = 10;
/** Long enough to distinguish a tone from a voice. */
const BLOCK_FRAMES = 5;
/** Root mean square; anything quieter is silence. */
const LOUD = 300;
const WORD_BLOCKS = 3;
/** The shortest block at the end of a sound that is decoded. */
const EDGE_FRAMES = 3;

export class ToneDecoder {
  readonly #rate: number;
  readonly #frame: Int16Array;
  readonly #block: Int16Array;
  readonly #fingerprints: OnsetFingerprints;
  #frameFill = 0;
  #blockFrames = 0;
  #nowMs = 0;
  #silentSinceMs = 0;
  #tone: { word: string; blocks: number; startMs: number; endMs: number } | undefined;

  constructor(rate = SPEECH_SAMPLE_RATE) {
    this.#rate = rate;
    this.#frame = new Int16Array((rate * FRAME_MS) / 1000);
    this.#block = new Int16Array(this.#frame.length * BLOCK_FRAMES);
    this.#fingerprints = new OnsetFingerprints(rate);
  }

  push(samples: Int16Array): DecodedSound[] {
    const sounds: DecodedSound[] = [];
    for (let at = 0; at < samples.length; ) {
      const piece = samples.subarray(at, at + this.#frame.length - this.#frameFill);
      this.#frame.set(piece, this.#frameFill);
      this.#frameFill += piece.length;
      at += piece.length;
      if (this.#frameFill === this.#frame.length) this.#pushFrame(sounds);
    }
    return sounds;
  }

  #pushFrame(sounds: DecodedSound[]): void {
    this.#frameFill = 0;
    this.#nowMs += FRAME_MS;
    for (const print of this.#fingerprints.push(this.#frame)) sounds.push({ kind: 'onset', print });
    if (rootMeanSquare(this.#frame) >= LOUD) this.#sound(sounds);
    else this.#silence(sounds);
  }

  #sound(sounds: DecodedSound[]): void {
    this.#block.set(this.#frame, this.#blockFrames * this.#frame.length);
    this.#blockFrames++;
    this.#silentSinceMs = this.#nowMs;
    if (this.#blockFrames === BLOCK_FRAMES) this.#decodeBlock(sounds);
  }

  #silence(sounds: DecodedSound[]): void {
    if (this.#blockFrames >= EDGE_FRAMES) this.#decodeBlock(sounds);
    this.#blockFrames = 0;
    this.#endTone(sounds);
    sounds.push({ kind: 'silence', sinceMs: this.#silentSinceMs, untilMs: this.#nowMs });
  }

  #decodeBlock(sounds: DecodedSound[]): void {
    const block = this.#block.subarray(0, this.#blockFrames * this.#frame.length);
    const endMs = this.#silentSinceMs;
    const startMs = endMs - this.#blockFrames * FRAME_MS;
    this.#blockFrames = 0;
    const word = wordOf(block, this.#rate);
    if (word !== this.#tone?.word) this.#endTone(sounds);
    if (word === undefined) sounds.push({ kind: 'voice', startMs, endMs });
    else if (this.#tone) Object.assign(this.#tone, { blocks: this.#tone.blocks + 1, endMs });
    else this.#tone = { word, blocks: 1, startMs, endMs };
  }

  #endTone(sounds: DecodedSound[]): void {
    if (this.#tone && this.#tone.blocks >= WORD_BLOCKS) {
      const { word, startMs, endMs } = this.#tone;
      sounds.push({ kind: 'word', word, startMs, endMs });
    }
    this.#tone = undefined;
  }
}

/** The words of the vocabulary in a recording. */
export function wordsInSound(samples: Int16Array, { rate = SPEECH_SAMPLE_RATE } = {}): string[] {
  const decoder = new ToneDecoder(rate);
  const sounds = [...decoder.push(samples), ...decoder.push(new Int16Array(rate / 10))];
  return sounds.flatMap((event) => (event.kind === 'word' ? [event.word] : []));
}

/** Fingerprints of the first samples after silence: the same for the same speech, on every session and for any chunks. */
class OnsetFingerprints {
  static readonly #LOUD = 1000;
  static readonly #SILENCE_SECONDS = 0.3;
  static readonly #PRINT_SECONDS = 0.05;
  readonly #silenceSamples: number;
  readonly #printSamples: number;
  #quietFor: number;
  /** Samples that the fingerprint in progress still lacks; 0 if none is in progress. */
  #missing = 0;
  #print = 0;

  constructor(rate: number) {
    this.#silenceSamples = rate * OnsetFingerprints.#SILENCE_SECONDS;
    this.#printSamples = rate * OnsetFingerprints.#PRINT_SECONDS;
    // A stream starts as if after silence.
    this.#quietFor = this.#silenceSamples;
  }

  push(samples: Int16Array): number[] {
    const prints: number[] = [];
    for (const sample of samples) {
      const loud = Math.abs(sample) >= OnsetFingerprints.#LOUD;
      if (loud && this.#quietFor >= this.#silenceSamples && this.#missing === 0) this.#start();
      this.#quietFor = loud ? 0 : this.#quietFor + 1;
      if (this.#missing === 0) continue;
      this.#print = (Math.imul(this.#print, 31) + sample) | 0;
      if (--this.#missing === 0) prints.push(this.#print);
    }
    return prints;
  }

  #start(): void {
    this.#missing = this.#printSamples;
    this.#print = 7;
  }
}
