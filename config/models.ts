/** The translation models as data: what they understand, say and cost, with date and source. Unknown is `undefined`. */
import type { LanguageCode } from '../protocol/languages.ts';

export interface Target {
  code: LanguageCode;
  /** False: text only. */
  audio: boolean;
  /** The sources it can be translated from. */
  from: readonly LanguageCode[];
}

export interface Prices {
  currency: 'USD';
  /** Per million tokens. */
  audioIn: number;
  imageIn: number;
  textOut: number;
  audioOut: number;
  asOf: string;
  source: string;
}

export interface Model {
  id: string;
  kind: 'offline' | 'cloud';
  /** Base URL of its realtime endpoint; undefined: it is started by Booth. */
  url?: string;
  sources: readonly LanguageCode[];
  targets: readonly Target[];
  /** The voice that speaks, unless another is asked for. */
  voice?: string;
  tokensPerAudioSecond?: number;
  prices?: Prices;
}

const qwen3Languages = 'en zh ru fr de pt es it id ko ja vi th ar yue hi el tr'.split(' ');
const qwen3WithoutVoice = new Set('id vi th ar hi el tr'.split(' '));

/** Alibaba Model Studio guide "Real-time audio and video translation - Qwen", 2026-03-26. */
export const qwen3: Model = {
  id: 'qwen3-livetranslate-flash-realtime',
  kind: 'cloud',
  url: 'wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime',
  sources: qwen3Languages,
  targets: qwen3Languages.map((code) => ({ code, audio: !qwen3WithoutVoice.has(code), from: qwen3Languages })),
  voice: 'Cherry',
  tokensPerAudioSecond: 12.5,
  prices: {
    currency: 'USD',
    audioIn: 10,
    imageIn: 1.3,
    textOut: 10,
    audioOut: 38,
    asOf: '2026',
    source: 'Alibaba Model Studio price list, international',
  },
};

/** Vosk, Apertium and espeak-ng behind the same protocol (`engine/offline`). */
export const offline: Model = {
  id: 'booth-offline',
  kind: 'offline',
  sources: ['en'],
  targets: [
    { code: 'es', audio: true, from: ['en'] },
    { code: 'en', audio: false, from: ['en'] },
  ],
};

export const models: readonly Model[] = [qwen3, offline];

/** A model whose id is not in the list is taken for one with the languages of the vendor's. */
export function modelNamed(id: string): Model {
  return models.find((model) => model.id === id) ?? { ...qwen3, id };
}
