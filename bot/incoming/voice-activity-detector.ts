/**
 * Tells whether somebody speaks, by the Silero network, which distinguishes voices from noise, music, clicks and hum. It is evaluated
 * every 32 ms, so its answer is at most 32 ms old.
 */
import { peakOf } from '../../audio/level.ts';
import { SileroVad, VAD_CHUNK_SAMPLES } from './silero/silero-vad.ts';

export interface VoiceActivityDetector {
  /** Takes 16 kHz mono sound as it comes, and returns whether somebody speaks at the end of it. */
  push(samples: Int16Array): boolean;
}

/** A single chunk with at least this probability is speech. */
const SPEECH_PROBABILITY = 0.5;
/**
 * Two chunks in a row with at least this probability are speech. It is low because missed speech is lost, while noise that passes costs
 * no more than silence.
 */
const REPEATED_SPEECH_PROBABILITY = 0.2;
/** A chunk with a lower peak is quieter than any voice, as from a muted microphone: the network is not asked. */
const MUTED_PEAK = 10 ** (-66 / 20);
const FULL_SCALE = 32_768;

export class SileroVoiceActivityDetector implements VoiceActivityDetector {
  readonly #network = new SileroVad();
  readonly #chunk = new Float32Array(VAD_CHUNK_SAMPLES);
  #filled = 0;
  #peak = 0;
  #wasLikely = false;
  #isSpeech = false;

  push(samples: Int16Array): boolean {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + VAD_CHUNK_SAMPLES - this.#filled);
      this.#append(part);
      at += part.length;
      if (this.#filled === VAD_CHUNK_SAMPLES) this.#evaluateChunk();
    }
    return this.#isSpeech;
  }

  /** Local variables make the loop twice as fast, which runs over every sample of everybody who speaks. */
  #append(samples: Int16Array): void {
    const chunk = this.#chunk;
    const filled = this.#filled;
    for (let i = 0; i < samples.length; i++) chunk[filled + i] = (samples[i] ?? 0) / FULL_SCALE;
    this.#peak = Math.max(this.#peak, peakOf(samples) / FULL_SCALE);
    this.#filled = filled + samples.length;
  }

  #evaluateChunk(): void {
    const probability = this.#peak < MUTED_PEAK ? 0 : this.#network.speechProbability(this.#chunk);
    const isLikely = probability >= REPEATED_SPEECH_PROBABILITY;
    this.#isSpeech = probability >= SPEECH_PROBABILITY || (isLikely && this.#wasLikely);
    this.#wasLikely = isLikely;
    this.#filled = 0;
    this.#peak = 0;
  }
}
