/**
 * Counts tokens as the vendor bills them, each once: 12.5 for a second of audio in either direction, and the transcript as
 * output text. How text is cut into tokens is not published: four characters are taken for one.
 */
import type { Usage } from './server-frames.ts';

const TOKENS_PER_SECOND = 12.5;
const INPUT_RATE = 16_000;
const OUTPUT_RATE = 24_000;
const CHARACTERS_PER_TOKEN = 4;

export class Meter {
  #heardSamples = 0;
  #billedInputTokens = 0;

  heard(samples: number): void {
    this.#heardSamples += samples;
  }

  /** What a response cost, with all audio that came in since the one before it. */
  bill(response: { spokenSamples: number; characters: number }): Usage {
    const heardTokens = Math.ceil((this.#heardSamples / INPUT_RATE) * TOKENS_PER_SECOND);
    const input = heardTokens - this.#billedInputTokens;
    this.#billedInputTokens = heardTokens;
    const spoken = Math.ceil((response.spokenSamples / OUTPUT_RATE) * TOKENS_PER_SECOND);
    const text = Math.ceil(response.characters / CHARACTERS_PER_TOKEN);
    return {
      total_tokens: input + spoken + text,
      input_tokens: input,
      output_tokens: spoken + text,
      input_tokens_details: { text_tokens: 0, audio_tokens: input },
      output_tokens_details: { text_tokens: text, audio_tokens: spoken },
    };
  }
}
