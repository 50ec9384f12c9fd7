/**
 * Counts the tokens that a session uses. Numbers that the service reports are taken over; the others are estimated from seconds, pixels
 * and characters by the model's rates, and marked as estimated. Each second, image and word is counted once.
 */
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { imageTokenCount, type Rates } from '../../../config/models.ts';
import type { JpegSize } from '../../../images/jpeg-size.ts';
import type { TokenUsage } from '../translation-session.ts';
import type { ServerFrame } from './server-frame.ts';

/** The vendor's rule of thumb for its text models. */
const LETTERS_PER_TOKEN = 4;

const tokenKinds = ['inputAudio', 'inputImage', 'inputText', 'outputText', 'outputAudio'] as const;
type TokenKind = (typeof tokenKinds)[number];

export class SessionUsageMeter {
  readonly #rates: Rates | undefined;
  /** Estimated tokens since usage was last taken. */
  readonly #unreported = noTokens();

  /** @param rates tokens per second and per picture; undefined: nothing is estimated */
  constructor(rates: Rates | undefined) {
    this.#rates = rates;
  }

  audioSent(samples: number): void {
    this.#unreported.inputAudio += (samples / SPEECH_SAMPLE_RATE) * (this.#rates?.audioInPerSecond ?? 0);
  }

  imageSent(size: JpegSize): void {
    if (this.#rates) this.#unreported.inputImage += imageTokenCount(this.#rates, size);
  }

  audioReceived(samples: number): void {
    this.#unreported.outputAudio += (samples / VOICE_SAMPLE_RATE) * (this.#rates?.audioOutPerSecond ?? 0);
  }

  textReceived(text: string): void {
    if (this.#rates) this.#unreported.outputText += textTokens(text);
  }

  /**
   * Takes the usage since the last call.
   * @param service what the service reported with the response
   * @returns undefined if nothing was used
   */
  takeUsage(service: ServiceUsage): TokenUsage | undefined {
    const reported = reportedTokens(service);
    const estimate: TokenUsage = {};
    for (const kind of tokenKinds) {
      const tokens = Math.floor(this.#unreported[kind]);
      if (tokens > 0) estimate[kind] = tokens;
      // A fraction of a token is left for the next call.
      this.#unreported[kind] -= tokens;
    }
    // The service reported all of its input: tokens of images are among them, even if it does not name them.
    if (reportsAllInput(reported, service)) delete estimate.inputImage;
    const all: TokenUsage = { ...estimate, ...reported };
    const counted = tokenKinds.filter((kind) => all[kind] !== undefined);
    if (counted.length === 0 && all.total === undefined) return undefined;
    all.total ??= counted.reduce((sum, kind) => sum + (all[kind] ?? 0), 0);
    const estimated = counted.some((kind) => reported[kind] === undefined);
    return { ...all, ...(estimated && { estimated }) };
  }
}

type ServiceUsage = NonNullable<ServerFrame['response']>['usage'];

const noTokens = (): Record<TokenKind, number> => ({
  inputAudio: 0,
  inputImage: 0,
  inputText: 0,
  outputText: 0,
  outputAudio: 0,
});

function reportedTokens(usage: ServiceUsage): TokenUsage {
  const input = usage?.input_tokens_details;
  const output = usage?.output_tokens_details;
  const counts: { [K in keyof TokenUsage]: number | null | undefined } = {
    inputAudio: input?.audio_tokens,
    inputImage: input?.image_tokens ?? unnamedInput(usage),
    inputText: input?.text_tokens,
    outputText: output?.text_tokens,
    outputAudio: output?.audio_tokens,
    total: usage?.total_tokens,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, tokens]) => typeof tokens === 'number')) as TokenUsage;
}

/** Input tokens that are neither speech nor text: the vendor has no field for images. */
function unnamedInput(usage: ServiceUsage): number | undefined {
  const { audio_tokens, text_tokens } = usage?.input_tokens_details ?? {};
  if (typeof audio_tokens !== 'number' || typeof text_tokens !== 'number') return undefined;
  return Math.max(0, (usage?.input_tokens ?? 0) - audio_tokens - text_tokens) || undefined;
}

const reportsAllInput = ({ inputAudio, inputText }: TokenUsage, usage: ServiceUsage): boolean =>
  inputAudio !== undefined && inputText !== undefined && typeof usage?.input_tokens === 'number';

/** An ideograph or a syllable is about one token, a letter a quarter of one. */
function textTokens(text: string): number {
  const characters = [...text].length;
  const dense = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0;
  return dense + (characters - dense) / LETTERS_PER_TOKEN;
}

/** @returns the sum; `estimated` if any part of it is */
export function sumUsage(usages: Iterable<TokenUsage>): TokenUsage {
  const sum: TokenUsage = {};
  for (const usage of usages) {
    for (const kind of [...tokenKinds, 'total'] as const) {
      const tokens = usage[kind];
      if (tokens !== undefined) sum[kind] = (sum[kind] ?? 0) + tokens;
    }
    if (usage.estimated) sum.estimated = true;
  }
  return sum;
}
