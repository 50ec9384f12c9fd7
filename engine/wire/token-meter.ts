/**
 * Counts tokens as the vendor bills them, each once: audio by the second in either direction, pictures by their pixels, and
 * the transcript as output text. How text is cut into tokens is not published: four characters are taken for one. Pictures
 * have no detail of their own in what is told, they are in the sum alone.
 */
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { Rates } from '../../config/models.ts';
import type { ResponseUsage } from './server-frames.ts';

/** Of `qwen3-livetranslate-flash-realtime`. */
const RATES: Rates = { audioInPerSecond: 12.5, audioOutPerSecond: 12.5, imageSquareSide: 28 };
const CHARACTERS_PER_TOKEN = 4;

export class TokenMeter {
  readonly #rates: Rates;
  #heardSamples = 0;
  #seenTokens = 0;
  #billed = { audio: 0, images: 0 };

  constructor(rates: Rates = RATES) {
    this.#rates = rates;
  }

  audioReceived(samples: number): void {
    this.#heardSamples += samples;
  }

  /** A picture of so many pixels. */
  imageReceived({ width, height }: { width: number; height: number }): void {
    this.#seenTokens += imageTokens(this.#rates, { width, height });
  }

  /** What a response cost, with all audio and pictures that came in since the one before it. */
  takeUsage(response: { spokenSamples: number; characters: number }): ResponseUsage {
    const { audioInPerSecond, audioOutPerSecond } = this.#rates;
    const heard = Math.ceil((this.#heardSamples / SPEECH_SAMPLE_RATE) * audioInPerSecond);
    const seen = Math.ceil(this.#seenTokens);
    const audio = heard - this.#billed.audio;
    const input = audio + seen - this.#billed.images;
    this.#billed = { audio: heard, images: seen };
    const spoken = Math.ceil((response.spokenSamples / VOICE_SAMPLE_RATE) * audioOutPerSecond);
    const text = Math.ceil(response.characters / CHARACTERS_PER_TOKEN);
    return {
      total_tokens: input + spoken + text,
      input_tokens: input,
      output_tokens: spoken + text,
      input_tokens_details: { text_tokens: 0, audio_tokens: audio },
      output_tokens_details: { text_tokens: text, audio_tokens: spoken },
    };
  }
}

export const imageTokens = ({ imageSquareSide }: Rates, { width, height }: { width: number; height: number }): number =>
  (width * height) / imageSquareSide ** 2 / 2;
