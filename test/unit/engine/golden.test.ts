/** The wire against frames that were taken from the vendor's pages, one set for each generation of models. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { append, type Frame, WireBench } from '../../../bench/support/scripted-backend.ts';
import { type DialectName, modelNamed } from '../../../config/models.ts';
import type { UtteranceOutput } from '../../../engine/wire/backend.ts';
import { serverDialects } from '../../../engine/wire/dialects.ts';

interface Golden {
  client: object[];
  server: Frame[];
}

const names: DialectName[] = ['lt3', 'lt3.5', 'lt3.8'];
const models = {
  lt3: 'qwen3-livetranslate-flash-realtime',
  'lt3.5': 'qwen3.5-livetranslate-flash-realtime',
  'lt3.8': 'qwen3.8-livetranslate-flash-realtime',
};
const SOURCE = 'The booth is at the back.';
const TRANSLATION = 'La cabine est au fond.';

const golden = (name: DialectName, exchange: string): Golden =>
  JSON.parse(
    readFileSync(new URL(`../../fixtures/livetranslate/${name}/${exchange}.json`, import.meta.url), 'utf8'),
  ) as Golden;

function bench(name: DialectName): WireBench {
  const { rates } = modelNamed(models[name]);
  const subject = new WireBench({ model: models[name], dialect: serverDialects[name], ...(rates && { rates }) });
  subject.backend.voice = undefined;
  return subject;
}

const twoSeconds = append(new Int16Array(32_000));

function transcribe(utterance: UtteranceOutput): void {
  utterance.source('', 'The boot');
  utterance.source('The booth', ' is at');
}

function translate(utterance: UtteranceOutput, sure = 'La cabine est au'): ReturnType<UtteranceOutput['response']> {
  const response = utterance.response();
  response.text('La cabine', ' est');
  response.audio(Int16Array.of(1, 2));
  response.text(sure, TRANSLATION.slice(sure.length));
  response.audio(Int16Array.of(3, 4));
  return response;
}

/** The order that was measured: the translation ends before speech is said to have. */
function interpretAhead({ backend: { output } }: WireBench): void {
  output.speechStarted(120);
  const utterance = output.utterance();
  const response = utterance.response();
  response.text('La cabine', ' est');
  response.said(TRANSLATION);
  output.speechStopped(1900);
  transcribe(utterance);
  utterance.sourceDone(SOURCE);
  response.done(TRANSLATION);
}

function interpretBehind(name: DialectName, { backend: { output } }: WireBench): void {
  output.speechStarted(120);
  const utterance = output.utterance();
  if (name !== 'lt3.8') transcribe(utterance);
  output.speechStopped(1900);
  if (name === 'lt3.8') transcribe(utterance);
  utterance.sourceDone(SOURCE);
  translate(utterance, name === 'lt3.8' ? TRANSLATION : undefined).done(TRANSLATION);
}

describe.each(names)('the wire of %s', (name) => {
  it.each(['text-and-audio', 'text'])('says what the vendor says: %s', async (exchange) => {
    const { client, server } = golden(name, exchange);
    const subject = bench(name);
    subject.says(...client.slice(0, -1), twoSeconds);
    if (name === 'lt3.8' && exchange === 'text') interpretAhead(subject);
    else interpretBehind(name, subject);
    subject.says(...client.slice(-1));
    subject.backend.finishes();
    await Promise.resolve();
    expect(anonymous(subject.frames)).toEqual(anonymous(server));
  });

  it('refuses what the vendor refuses, in its words', () => {
    const { client, server } = golden(name, 'refused');
    expect(anonymous(bench(name).says(...client).frames)).toEqual(anonymous(server));
  });
});

it('lets a client of LT3.5 cut speech itself', () => {
  const { client, server } = golden('lt3.5', 'manual');
  const [update, clear, commit] = client;
  const subject = bench('lt3.5').says(update ?? {}, twoSeconds, clear ?? {}, commit ?? {});
  const utterance = subject.backend.utterance();
  utterance.sourceDone(SOURCE);
  translate(utterance).done(TRANSLATION);
  expect(anonymous(subject.frames)).toEqual(anonymous(server));
  expect([subject.backend.clears, subject.backend.commits]).toEqual([1, 1]);
});

describe('cutting speech oneself', () => {
  const commit = { type: 'input_audio_buffer.commit' };
  const manual = golden('lt3.5', 'manual').client[0] ?? {};

  it('is refused where nothing was heard', () => {
    const [, , error] = bench('lt3.5').says(manual, commit).news();
    expect(error).toMatchObject({ type: 'error', error: { code: 'input_audio_buffer_commit_empty' } });
  });

  it.each(['commit', 'clear'])('is refused where the session cuts by itself: %s', (what) => {
    const { client } = golden('lt3.5', 'text');
    const subject = bench('lt3.5').says(client[0] ?? {}, twoSeconds, { type: `input_audio_buffer.${what}` });
    expect(subject.news().at(-1)).toMatchObject({ type: 'error', error: { param: 'type' } });
    expect([subject.backend.clears, subject.backend.commits]).toEqual([0, 0]);
  });
});

/** Ids named by what they belong to and when they came. */
function anonymous(frames: readonly Frame[]): unknown {
  const names = new Map<string, string>();
  return JSON.parse(JSON.stringify(frames), (key, value: unknown) => {
    if (!/^(id|.*_id)$/.test(key) || typeof value !== 'string' || key === 'speaker_id') return value;
    if (key === 'event_id') return 'event';
    const kind = value.replace(/_.*/, '');
    const name = names.get(value) ?? `${kind} ${names.size}`;
    names.set(value, name);
    return name;
  });
}
