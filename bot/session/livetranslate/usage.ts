/**
 * What a session takes, in tokens. What the service reports counts; what it does not report is reckoned from seconds,
 * pixels and characters by the model's rates, and says so. Each second, picture and word is counted in one bill at most.
 */
import type { Rates } from '../../../config/models.ts';
import type { TokenUsage } from '../translation-session.ts';
import type { ServerFrame } from './frames.ts';
import type { JpegSize } from './picture.ts';

const SENT_PER_SECOND = 16_000;
const HEARD_PER_SECOND = 24_000;
/** The vendor's rule of thumb for its text models. */
const LETTERS_PER_TOKEN = 4;

const tokenKinds = ['inputAudio', 'inputImage', 'inputText', 'outputText', 'outputAudio'] as const;
type TokenKind = (typeof tokenKinds)[number];

export class SessionUsageMeter {
  readonly #rates: Rates | undefined;
  /** Since the last bill. */
  readonly #unreported = nothing();

  /** Without rates nothing is reckoned. */
  constructor(rates: Rates | undefined) {
    this.#rates = rates;
  }

  audioSent(samples: number): void {
    this.#unreported.inputAudio += (samples / SENT_PER_SECOND) * (this.#rates?.audioInPerSecond ?? 0);
  }

  imageSent({ width, height }: JpegSize): void {
    if (this.#rates) this.#unreported.inputImage += (width * height) / this.#rates.imageSquareSide ** 2 / 2;
  }

  audioReceived(samples: number): void {
    this.#unreported.outputAudio += (samples / HEARD_PER_SECOND) * (this.#rates?.audioOutPerSecond ?? 0);
  }

  textReceived(text: string): void {
    if (this.#rates) this.#unreported.outputText += textTokens(text);
  }

  /** The bill for everything since the one before: undefined where there is nothing on it. */
  takeUsage(reported: ServiceUsage): TokenUsage | undefined {
    const said = reportedParts(reported);
    const estimate: TokenUsage = {};
    for (const part of tokenKinds) {
      const tokens = Math.floor(this.#unreported[part]);
      if (tokens > 0) estimate[part] = tokens;
      // What is less than a token goes on the next bill.
      this.#unreported[part] -= tokens;
    }
    // The service has told of the whole of its input: what it names no part for is in there.
    if (saysAllInput(said, reported)) delete estimate.inputImage;
    const all: TokenUsage = { ...estimate, ...said };
    const counted = tokenKinds.filter((part) => all[part] !== undefined);
    if (counted.length === 0 && all.total === undefined) return undefined;
    all.total ??= counted.reduce((sum, part) => sum + (all[part] ?? 0), 0);
    const estimated = counted.some((part) => said[part] === undefined);
    return { ...all, ...(estimated && { estimated }) };
  }
}

type ServiceUsage = NonNullable<ServerFrame['response']>['usage'];

const nothing = (): Record<TokenKind, number> => ({
  inputAudio: 0,
  inputImage: 0,
  inputText: 0,
  outputText: 0,
  outputAudio: 0,
});

function reportedParts(usage: ServiceUsage): TokenUsage {
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

/** Input that is neither speech nor text: the vendor names no part for pictures. */
function unnamedInput(usage: ServiceUsage): number | undefined {
  const { audio_tokens, text_tokens } = usage?.input_tokens_details ?? {};
  if (typeof audio_tokens !== 'number' || typeof text_tokens !== 'number') return undefined;
  return Math.max(0, (usage?.input_tokens ?? 0) - audio_tokens - text_tokens) || undefined;
}

const saysAllInput = ({ inputAudio, inputText }: TokenUsage, usage: ServiceUsage): boolean =>
  inputAudio !== undefined && inputText !== undefined && typeof usage?.input_tokens === 'number';

/** Ideographs and syllables are about a token each, letters a quarter of one. */
function textTokens(text: string): number {
  const characters = [...text].length;
  const dense = text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0;
  return dense + (characters - dense) / LETTERS_PER_TOKEN;
}

export function sumUsage(usages: Iterable<TokenUsage>): TokenUsage {
  const sum: TokenUsage = {};
  for (const usage of usages) {
    for (const part of [...tokenKinds, 'total'] as const) {
      const tokens = usage[part];
      if (tokens !== undefined) sum[part] = (sum[part] ?? 0) + tokens;
    }
    if (usage.estimated) sum.estimated = true;
  }
  return sum;
}
