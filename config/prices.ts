/** What tokens cost, by a model's dated price lists. A price that nobody published makes no money: `undefined`, never a guess. */
import { type Model, type Prices, regionOf } from './models.ts';

const MILLION = 1_000_000;
const HOUR_SECONDS = 3600;
/** 130 words a minute, a little over a token each. */
const TEXT_TOKENS_PER_SECOND = 2.5;

/** A list, nothing at all (the offline engine), or nobody knows. */
export type Pricing = Prices | 'free' | undefined;

export interface PricedTokens {
  inputAudio?: number;
  inputImage?: number;
  outputText?: number;
  outputAudio?: number;
}

/** What a service at `url` asks for: the vendor's list counts where the vendor itself is asked. */
export function pricingOf({ kind, prices }: Pick<Model, 'kind' | 'prices'>, url: string | undefined): Pricing {
  if (kind === 'offline') return 'free';
  const host = URL.parse(url ?? '')?.hostname ?? '';
  return host.endsWith('.aliyuncs.com') ? prices.find(({ region }) => region === regionOf(url ?? '')) : undefined;
}

/** In the currency of the prices; undefined: not known. The vendor asks nothing for text that goes in. */
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
  /** Heard as well as read. */
  voice: number;
  /** Read alone. */
  captions: number;
}

/** One hour in which one person speaks without a pause, into one language, said at the length of the original. */
export function hourlyCost({ rates }: Pick<Model, 'rates'>, pricing: Pricing): HourlyCost | undefined {
  if (pricing === 'free') return { voice: 0, captions: 0 };
  if (!rates) return undefined;
  const inputAudio = HOUR_SECONDS * rates.audioInPerSecond;
  const outputText = HOUR_SECONDS * TEXT_TOKENS_PER_SECOND;
  const captions = cost({ inputAudio, outputText }, pricing);
  const voice = cost({ inputAudio, outputText, outputAudio: HOUR_SECONDS * rates.audioOutPerSecond }, pricing);
  return captions === undefined || voice === undefined ? undefined : { voice, captions };
}
