/** The client against the real offline engine, in a process of its own, with people speaking. */
import { type OfflineEngine, offline } from '@mediasoup-booth/offline-engine';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humanSpeech } from '../../bench/support/speech.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import type { SessionOptions, TranslationError, TranslationSession } from '../../bot/session/translation-session.ts';
import { chunksOf, inRealTime } from '../../cli/speech.ts';
import { cacheDir } from '../../scripts/places.mjs';
import { systemClock } from '../../time/clock.ts';
import { type Recorded, recorder } from '../support/livetranslate.ts';

const log = pino({ level: 'silent' });
let engine: OfflineEngine;

beforeAll(async () => {
  engine = await offline({ cacheDir: cacheDir(process.env), log });
});
afterAll(() => engine?.close());

interface Opened {
  session: TranslationSession;
  recorded: Recorded[];
  closed: Promise<TranslationError | undefined>;
}

function open(options: Partial<SessionOptions> = {}): Opened {
  const { events, recorded } = recorder();
  const { promise, resolve } = Promise.withResolvers<TranslationError | undefined>();
  const { url, key } = engine;
  const openSession = openLiveTranslate({ url, key, model: 'booth-offline', clock: systemClock, log });
  const session = openSession({ source: 'en', target: 'es', audio: true, ...options }, { ...events, closed: resolve });
  return { session, recorded, closed: promise };
}

async function say(session: TranslationSession, prompt: string): Promise<void> {
  for await (const piece of inRealTime(chunksOf(humanSpeech(prompt).samples), systemClock)) session.send(piece);
}

const finals = (recorded: Recorded[], stream: 'source' | 'translation'): string =>
  recorded
    .flatMap((entry) => (entry[0] === stream && entry[1].final ? [entry[1].confirmed] : []))
    .join(' ')
    .toLowerCase();

describe('a person speaking English', () => {
  it('is understood, translated and spoken, and what it took is told', async () => {
    const { session, recorded, closed } = open();
    await say(session, 'conf-waitforleader');
    await session.finish();
    expect(await closed).toBeUndefined();

    expect(finals(recorded, 'source')).toMatch(/leader arrives/);
    expect(finals(recorded, 'translation')).toMatch(/conferencia/);
    const source = recorded.find((entry) => entry[0] === 'source');
    const translation = recorded.findLast((entry) => entry[0] === 'translation');
    expect(source?.[1]).toMatchObject({ startMs: expect.any(Number) });
    expect(translation?.[1]).toMatchObject({ sourceSegment: source?.[1].segment });

    const voice = recorded.flatMap((entry) => (entry[0] === 'audio' ? entry[1].samples : []));
    expect(voice.length).toBeGreaterThan(24_000);
    expect(Math.max(...voice.map(Math.abs))).toBeGreaterThan(1000);
    expect(recorded.filter(([name]) => name === 'audioEnd')).not.toEqual([]);
    const usage = recorded.find((entry) => entry[0] === 'usage');
    expect(usage?.[1]).toMatchObject({ inputAudio: expect.any(Number), outputAudio: expect.any(Number) });
  });

  it('is read while they speak, before they have finished', async () => {
    const { session, recorded } = open();
    await say(session, 'queue-youarenext');
    const early = recorded.filter((entry) => entry[0] === 'source' && !entry[1].final);
    await session.finish();
    expect(early.length).toBeGreaterThan(1);
  });

  it('is transcribed alone where source and target are the same', async () => {
    const { session, recorded } = open({ target: 'en' });
    await say(session, 'conf-now-muted');
    await session.finish();
    expect(finals(recorded, 'source')).toMatch(/conference/);
    expect(recorded.filter(([name]) => name === 'translation' || name === 'audio')).toEqual([]);
  });

  it('gets no voice where none was asked for', async () => {
    const { session, recorded } = open({ audio: false });
    await say(session, 'conf-now-muted');
    await session.finish();
    expect(finals(recorded, 'translation')).toMatch(/conferencia/);
    expect(recorded.filter(([name]) => name === 'audio')).toEqual([]);
  });
});

it('says nothing of silence, and finishes', async () => {
  const { session, recorded, closed } = open();
  session.send(new Int16Array(16_000));
  await session.finish();
  expect(await closed).toBeUndefined();
  expect(recorded.filter(([name]) => name !== 'ready' && name !== 'usage')).toEqual([]);
});

it.each([
  { source: 'de', target: 'es' },
  { source: 'en', target: 'de' },
])('is refused $source into $target with what can be done', async (pair) => {
  const { closed } = open(pair);
  const error = await closed;
  expect(error).toMatchObject({ class: 'config', retryable: false });
  expect(error?.message).toContain('English (en) to Spanish (es)');
});

describe('an engine that is killed in mid-sentence', () => {
  it('ends the session with an error worth another try, and the next session finds it in the same place', async () => {
    const { session, recorded, closed } = open();
    const { url, pid } = engine;
    const saying = say(session, 'queue-youarenext');
    await expect.poll(() => recorded.length).toBeGreaterThan(0);
    if (pid) process.kill(pid, 'SIGKILL');
    expect(await closed).toMatchObject({ class: 'transient', retryable: true });
    await saying;

    await expect
      .poll(async () => {
        const next = open();
        next.session.send(new Int16Array(1600));
        const outcome = await Promise.race([next.closed, next.session.finish()]);
        return outcome === undefined;
      })
      .toBe(true);
    expect(engine.url).toBe(url);
    expect(engine.pid).not.toBe(pid);
  });
});
