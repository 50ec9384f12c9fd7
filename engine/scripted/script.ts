/**
 * The schema of a simulator script: how the vendor recognises and translates, the limits of an account, and the faults. Every value has a
 * default and a bound.
 */

import { LanguageCode } from '@mediasoup-booth/protocol';
import { parse } from 'yaml';
import { z } from 'zod';

const count = z.number().int().min(1).max(1_000_000);
const ms = z
  .number()
  .min(0)
  .max(24 * 3_600_000);
const share = z.number().min(0).max(1);

/** The n-th, or every n-th, counted from 1. */
const Which = z.union([count, z.strictObject({ every: count })], { error: 'needs a number from 1, or { every: n }' });
export type Which = z.infer<typeof Which>;

const On = z
  .strictObject({
    connection: Which.optional(),
    /** Counted on the named connection, or without one over all connections. */
    utterance: Which.optional(),
    /** Milliseconds after the connection opened, or after the utterance started. */
    afterMs: ms.optional(),
    /** Instead of `afterMs`: a random time between these two. */
    betweenMs: z
      .tuple([ms, ms])
      .refine(([from, to]) => from <= to, { error: 'needs the earlier moment first' })
      .optional(),
  })
  .refine((on) => on.connection !== undefined || on.utterance !== undefined, {
    error: 'needs a connection, an utterance, or both',
  })
  .refine((on) => on.afterMs === undefined || on.betweenMs === undefined, {
    error: 'has either afterMs or betweenMs, not both',
    path: ['betweenMs'],
  });
export type On = z.infer<typeof On>;

/** Faults that happen to a connection at one moment. */
const momentaryFaults = [
  'cut',
  'stall',
  'halfFrame',
  'malformedJson',
  'ignoreClose',
  'repeatOutput',
  'streamTimeout',
  'serverError',
] as const;
/** Faults that last for an utterance, or, if none is named, for every utterance of the connection. */
const lastingFaults = [
  'lateSource',
  'emptyDone',
  'noStash',
  'severalResponses',
  'duplicateEvents',
  'contentError',
  'noFinal',
] as const;
export type LastingFault = (typeof lastingFaults)[number];

const fault = { on: On, times: count.optional() };
export const ScriptedFault = z.discriminatedUnion('do', [
  z.strictObject({ ...fault, do: z.enum(momentaryFaults) }),
  z.strictObject({ ...fault, do: z.enum(lastingFaults) }),
  z.strictObject({ ...fault, do: z.literal('hiccup'), ms: ms.default(3000) }),
  z.strictObject({
    ...fault,
    on: On.refine(({ connection, utterance }) => connection !== undefined && utterance === undefined, {
      error: 'needs a connection, and no utterance',
    }),
    do: z.literal('refuse'),
    status: z.union([401, 403, 404, 429, 500, 503].map((status) => z.literal(status))).default(503),
    code: z.string().max(128).default('ModelUnavailable'),
  }),
]);
export type ScriptedFault = z.infer<typeof ScriptedFault>;
/** A fault that happens to a connection at one moment. */
export type MomentaryFault = (typeof momentaryFaults)[number] | { do: 'hiccup'; ms: number };

export const isLastingFault = (name: string): name is LastingFault =>
  (lastingFaults as readonly string[]).includes(name);

const Account = z.strictObject({
  /** The accepted keys; if there are none, every key is accepted: `booth simulate` then makes one. */
  keys: z.array(z.string().min(1).max(512)).max(100).default([]),
  /** Default: the model's limit. */
  connectionsPerMinute: count.optional(),
  tokensPerMinute: count.optional(),
});

const Limits = z.strictObject({
  sessionMinutes: z.number().positive().max(10_000).optional(),
  inputTokens: count.optional(),
  contextTokens: count.optional(),
  /** Milliseconds without audio after which a session with a transcript is closed. */
  pauseMs: ms.default(300_000),
});

const Speech = z.strictObject({
  closeAfterMs: ms.default(800),
  /** Speech without a pause is cut at the next word after this time. */
  longAfterMs: z.number().min(1000).max(3_600_000).default(15_000),
  /** The pace of a voice that says no word of the vocabulary. */
  wordsPerSecond: z.number().positive().max(20).default(2.5),
});

const Answer = z.strictObject({
  latencyMs: ms.default(300),
  /** The length of a word of the translation's voice. */
  msPerWord: z.number().min(60).max(5000).default(300),
  /** How much faster than real time the voice is sent. */
  pace: z.number().min(0.1).max(1000).default(4),
  /** Whether it translates while speech continues, or after it. Default: as the model's generation does. */
  translates: z.enum(['meanwhile', 'after']).optional(),
  /** The probability that the last word of a text is wrong at first. */
  revises: share.default(0.3),
  /** The probability that no part of a text is confirmed before its end. */
  holdsBack: share.default(0.25),
});

const Utterance = z.strictObject({
  source: z.string().min(1).max(4000),
  translations: z.record(LanguageCode, z.string().min(1).max(4000)).default({}),
});

export const Script = z.strictObject({
  /** The spoken language, if the client leaves its detection to the model. */
  language: LanguageCode.default('en'),
  account: Account.prefault({}),
  limits: Limits.prefault({}),
  speech: Speech.prefault({}),
  answer: Answer.prefault({}),
  /** Whether speech that was sent before on another session is rephrased. */
  paraphrases: z.boolean().default(true),
  utterances: z.array(Utterance).max(10_000).default([]),
  faults: z.array(ScriptedFault).max(1000).default([]),
});
export type Script = z.infer<typeof Script>;
/** A script as it is written: everything may be left out. */
export type ScriptInput = z.input<typeof Script>;

/** The script is invalid. `message` has a line for each wrong field. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** @throws {ScriptError} */
export function checkScript(script: unknown): Script {
  const parsed = Script.safeParse(script ?? {});
  if (parsed.success) return parsed.data;
  throw new ScriptError(parsed.error.issues.map(inWords).join('\n'));
}

/** Reads a script in YAML. @throws {ScriptError} */
export function readScript(yaml: string): Script {
  let script: unknown;
  try {
    script = parse(yaml);
  } catch (error) {
    throw new ScriptError(`this is not YAML: ${error instanceof Error ? error.message : error}`);
  }
  return checkScript(script);
}

/** `faults[2].on.utterance: needs a number from 1` */
function inWords({ path, message }: z.core.$ZodIssue): string {
  const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return field ? `${field.replace(/^\./, '')}: ${message}` : message;
}
