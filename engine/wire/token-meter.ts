/**
 * Counts tokens as the vendor bills them, each once: audio by the second in both directions, images by their pixels, and the transcript
 * as output text. How the vendor divides text into tokens is not published: four characters are counted as one. Images have no field
 * of their own in a usage report; they are in its totals.
 */
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { imageTokenCount, type Rates } from '../../config/models.ts';
import type { ResponseUsage } from './server-frames.ts';

/** The rates of `qwen3-livetranslate-flash-realtime`. */
const RATES: Rates = { audioInPerSecond: 12.5, audioOutPerSecond: 12.5, imagePatchPixels: 28 };
const CHARACTERS_PER_TOKEN = 4;

export class TokenMeter {
  readonly #rates: Rates;
  #receivedSamples = 0;
  #receivedImageTokens = 0;
  #billed = { audio: 0, images: 0 };

  constructor(rates: Rates = RATES) {
    this.#rates = rates;
  }

  audioReceived(samples: number): void {
    this.#receivedSamples += samples;
  }

  imageReceived({ width, height }: { width: number; height: number }): void {
    this.#receivedImageTokens += imageTokenCount(this.#rates, { width, height });
  }

  /** The usage of a response, with all audio and images received since the previous one. */
  takeUsage(response: { outputAudioSamples: number; characters: number }): ResponseUsage {
    const { audioInPerSecond, audioOutPerSecond } = this.#rates;
    const received = Math.ceil((this.#receivedSamples / SPEECH_SAMPLE_RATE) * audioInPerSecond);
    const images = Math.ceil(this.#receivedImageTokens);
    const audio = received - this.#billed.audio;
    const input = audio + images - this.#billed.images;
    this.#billed = { audio: received, images };
    const outputAudio = Math.ceil((response.outputAudioSamples / VOICE_SAMPLE_RATE) * audioOutPerSecond);
    const text = Math.ceil(response.characters / CHARACTERS_PER_TOKEN);
    return {
      total_tokens: input + outputAudio + text,
      input_tokens: input,
      output_tokens: outputAudio + text,
      input_tokens_details: { text_tokens: 0, audio_tokens: audio },
      output_tokens_details: { text_tokens: text, audio_tokens: outputAudio },
    };
  }
}
