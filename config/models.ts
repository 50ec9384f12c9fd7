/**
 * The translation models as data: their languages, voices, prices and limits, with date and source. A value that is not published is
 * `undefined`, never guessed.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';

/** The protocol variant of a model generation. */
export type DialectName = 'lt3' | 'lt3.5' | 'lt3.8';

export interface TargetLanguage {
  code: LanguageCode;
  /** False: text only. */
  audio: boolean;
  /** The source languages that it can be translated from. */
  from: readonly LanguageCode[];
}

export interface ModelVoice {
  name: string;
  /** The languages that the voice speaks; undefined if not published. */
  languages?: readonly LanguageCode[];
  /** The dialect or region of its pronunciation. */
  accent?: string;
}

/** How the vendor counts the tokens of what a session sends and receives. */
export interface Rates {
  audioInPerSecond: number;
  audioOutPerSecond: number;
  /** Pixels along each side of a square patch; an image is counted by its patches. */
  imagePatchPixels: number;
}

const TOKENS_PER_IMAGE_PATCH = 0.5;

/** How many tokens an image counts as, not rounded. */
export const imageTokenCount = (
  { imagePatchPixels }: Rates,
  { width, height }: { width: number; height: number },
): number => ((width * height) / imagePatchPixels ** 2) * TOKENS_PER_IMAGE_PATCH;

/** Prices per million tokens. */
export interface Prices {
  region: 'international' | 'mainland';
  currency: 'USD' | 'CNY';
  audioIn: number;
  imageIn: number;
  textOut: number;
  audioOut: number;
  asOf: string;
  source: string;
}

/** The limits of one account and one session. */
export interface Limits {
  /** Each connection counts as a request, for all keys of an account together. */
  connectionsPerMinute: number;
  tokensPerMinute: number;
  /** As far as is known, the vendor ends longer sessions. */
  sessionMinutes: number;
  contextTokens: number;
  inputTokens: number;
  /** Tokens of one response. */
  outputTokens: number;
  hotwords: number;
  /** Booth's own bound, which is `LONGEST_TERM` in the protocol. */
  hotwordCharacters: number;
  /** Bytes of a picture before base64. */
  imageBytes: number;
  imagesPerSecond: number;
  /** The shorter side of a picture, in pixels: 1080 for 1080p. */
  imageLines: number;
}

export interface Model {
  id: string;
  kind: 'offline' | 'cloud';
  dialect: DialectName;
  /** Base URL of its realtime endpoint; undefined for an engine that Booth starts itself. */
  url?: string;
  sources: readonly LanguageCode[];
  targets: readonly TargetLanguage[];
  /** It always detects which language is spoken, whatever the client names. */
  detectsSource: boolean;
  /** The default voice. */
  voice?: string;
  voices: readonly ModelVoice[];
  rates?: Rates;
  /** Empty if not published. */
  prices: readonly Prices[];
  limits?: Limits;
  /** How fast buffered speech may be sent, as a multiple of real time. */
  catchUpRate: number;
  /** Multiplies the time that the model may take to answer before its session counts as lost. Default: 1. */
  timeoutMultiplier?: number;
}

export const acceptsPictures = ({ limits }: Model): boolean => limits !== undefined;

/** The vendor's endpoints; the keys of an account belong to one region. */
export const endpoints = {
  international: 'wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime',
  mainland: 'wss://dashscope.aliyuncs.com/api-ws/v1/realtime',
} as const;

/** The region whose price list applies to an endpoint: the mainland's for hosts of cn-beijing and the old mainland host. */
export const regionOf = (url: string): Prices['region'] =>
  /^wss?:\/\/(dashscope\.aliyuncs\.com|[^/]*\.cn-[a-z]+\.maas\.aliyuncs\.com)(?=[:/]|$)/.test(url)
    ? 'mainland'
    : 'international';

/**
 * Rate-limit page of Model Studio, 2026-02-24 (connections, tokens), the models' guide (context, pictures, hotwords). The length of a session is not
 * published for these models: it is that of Qwen-Omni-Realtime on the same endpoint.
 */
const limits: Limits = {
  connectionsPerMinute: 10,
  tokensPerMinute: 100_000,
  sessionMinutes: 120,
  contextTokens: 53_248,
  inputTokens: 49_152,
  outputTokens: 4096,
  hotwords: 1000,
  hotwordCharacters: 200,
  imageBytes: 500_000,
  imagesPerSecond: 2,
  imageLines: 1080,
};

const codes = (list: string): LanguageCode[] => list.split(' ');

const targetsOf = (spoken: readonly LanguageCode[], written: readonly LanguageCode[]): TargetLanguage[] => {
  const from = [...spoken, ...written];
  return from.map((code) => ({ code, audio: spoken.includes(code), from }));
};

const qwen3Spoken = codes('en zh ru fr de pt es it ko ja yue');
const qwen3Written = codes('id vi th ar hi el tr');
const european = codes('zh en fr de ru it es pt ja ko');

/** Alibaba Model Studio guide "Real-time audio and video translation - Qwen", 2026-03-26. */
export const qwen3: Model = {
  id: 'qwen3-livetranslate-flash-realtime',
  kind: 'cloud',
  dialect: 'lt3',
  url: endpoints.international,
  sources: [...qwen3Spoken, ...qwen3Written],
  targets: targetsOf(qwen3Spoken, qwen3Written),
  detectsSource: false,
  voice: 'Cherry',
  voices: [
    { name: 'Cherry', languages: european },
    { name: 'Nofish', languages: european },
    { name: 'Jada', languages: ['zh'], accent: 'Shanghai' },
    { name: 'Dylan', languages: ['zh'], accent: 'Beijing' },
    { name: 'Sunny', languages: ['zh'], accent: 'Sichuan' },
    { name: 'Peter', languages: ['zh'], accent: 'Tianjin' },
    { name: 'Eric', languages: ['zh'], accent: 'Chengdu' },
    { name: 'Kiki', languages: ['yue'] },
  ],
  rates: { audioInPerSecond: 12.5, audioOutPerSecond: 12.5, imagePatchPixels: 28 },
  prices: [
    {
      region: 'international',
      currency: 'USD',
      audioIn: 10,
      imageIn: 1.3,
      textOut: 10,
      audioOut: 38,
      asOf: '2026',
      source: 'Model Studio price list, international',
    },
    {
      region: 'mainland',
      currency: 'CNY',
      audioIn: 64,
      imageIn: 8,
      textOut: 64,
      audioOut: 240,
      asOf: '2026',
      source: 'Model Studio price list, mainland China',
    },
  ],
  limits,
  catchUpRate: 1,
};

const qwen35Spoken = codes('zh en ar de fr es pt id it ko ru th vi ja tr hi ms nl ur nb sv da he fi pl is cs fil fa');
const qwen35Written = codes(
  'yue el af ast be bg bn bs ca ceb et gl gu hr hu jv kk kn ky lv mk ml mr pa ro sk sl sw tg az uk',
);
/** About 47 voices are accepted; these are those whose names are known. Their languages are not published. */
const qwen35Voices = codes('Tina Cindy Raymond Ethan Serena Maia Evan Ryan Jennifer Aiden Sohee Emilien Chloe');

/** Alibaba Model Studio guide of autumn 2026 (Chinese edition). Its prices are not published. */
export const qwen35: Model = {
  id: 'qwen3.5-livetranslate-flash-realtime',
  kind: 'cloud',
  dialect: 'lt3.5',
  url: endpoints.international,
  sources: [...qwen35Spoken, ...qwen35Written],
  targets: targetsOf(qwen35Spoken, qwen35Written),
  detectsSource: false,
  voice: 'Tina',
  voices: qwen35Voices.map((name) => ({ name })),
  rates: { audioInPerSecond: 7, audioOutPerSecond: 12.5, imagePatchPixels: 32 },
  prices: [],
  limits,
  catchUpRate: 1,
};

/** The same guide. */
export const qwen38: Model = {
  ...qwen35,
  id: 'qwen3.8-livetranslate-flash-realtime',
  dialect: 'lt3.8',
  detectsSource: true,
};

/** Vosk, Apertium and espeak-ng behind the same protocol (`engine/offline`). */
export const offline: Model = {
  id: 'booth-offline',
  kind: 'offline',
  dialect: 'lt3',
  sources: ['en'],
  targets: [
    { code: 'es', audio: true, from: ['en'] },
    { code: 'en', audio: false, from: ['en'] },
  ],
  detectsSource: false,
  voices: [],
  prices: [],
  // It uses a third of a core for speech in real time; on a busy computer it falls behind without being lost, and says how far.
  catchUpRate: 4,
  timeoutMultiplier: 4,
};

export const models: readonly Model[] = [
  qwen3,
  { ...qwen3, id: 'qwen3-livetranslate-flash-realtime-2025-09-22' },
  qwen35,
  { ...qwen35, id: 'qwen3.5-livetranslate-flash-realtime-2026-05-19' },
  qwen38,
  offline,
];

/** An unknown id gets the data of its generation, by the beginning of its name; failing that, of `qwen3`. */
export function modelNamed(id: string): Model {
  const known = models.find((model) => model.id === id);
  const generation = [qwen35, qwen38].find((model) => id.startsWith(model.id.slice(0, 'qwen3.5-'.length))) ?? qwen3;
  return known ?? { ...generation, id };
}
