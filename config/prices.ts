/** The cost of tokens by a model's dated price lists. Where a price is not published, the cost is `undefined`, never guessed. Pure. */
import { type Model, type Prices, regionOf } from './models.ts';

const MILLION = 1_000_000;
const HOUR_SECONDS = 3600;
/** 130 words a minute, with a little more than one token each. */
const TEXT_TOKENS_PER_SECOND = 2.5;

/** A price list, `'free'` for the offline engine, or undefined if not known. */
export type Pricing = Prices | 'free' | undefined;

export interface PricedTokens {
  inputAudio?: number;
  inputImage?: number;
  outputText?: number;
  outputAudio?: number;
}

/** The prices of the service at `url`: the vendor's list applies only to the vendor's own endpoints. */
export function pricingOf({ kind, prices }: Pick<Model, 'kind' | 'prices'>, url: string | undefined): Pricing {
  if (kind === 'offline') return 'free';
  const host = URL.parse(url ?? '')?.hostname ?? '';
  return host.endsWith('.aliyuncs.com') ? prices.find(({ region }) => region === regionOf(url ?? '')) : undefined;
}

/** The cost in the currency of the prices; undefined if not known. The vendor does not charge for input text. */
export function cost(tokens: PricedTokens, pricing: Pricing): number | undefined {
  if (pricing === 'free') return 0;
  const { inputAudio, inputImage, outputText, outputAudio } = tokens;
  if (!pricing || [inputAudio, inputImage, outputText, outputAudio].every((some) => some === undefined))
    return undefined;
  const price =
    (inputAudio ?? 0) * pricing.audioIn +
    (inputImage ?? 0) * pricing.imageIn +
    (outputText ?? 0) * pricing.textOut +
    (outputAudio ?? 0) * pricing.audioOut;
  return price / MILLION;
}

export interface HourlyCost {
  /** With voice and captions. */
  voice: number;
  /** With captions alone. */
  captions: number;
}

/** The cost of an hour in which one person speaks without a pause, into one language, with a translation as long as the original. */
export function hourlyCost({ rates }: Pick<Model, 'rates'>, pricing: Pricing): HourlyCost | undefined {
  if (pricing === 'free') return { voice: 0, captions: 0 };
  if (!rates) return undefined;
  const inputAudio = HOUR_SECONDS * rates.audioInPerSecond;
  const outputText = HOUR_SECONDS * TEXT_TOKENS_PER_SECOND;
  const captions = cost({ inputAudio, outputText }, pricing);
  const voice = cost({ inputAudio, outputText, outputAudio: HOUR_SECONDS * rates.audioOutPerSecond }, pricing);
  return captions === undefined || voice === undefined ? undefined : { voice, captions };
}
