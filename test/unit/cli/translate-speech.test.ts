/** One session from its first sample to its last word, on the terminal's side. */
import { describe, expect, it } from 'vitest';
import { FastForwardClock } from '../../../cli/dry-run.ts';
import { chunksOf, inRealTime } from '../../../cli/speech.ts';
import { translateSpeech } from '../../../cli/translate-speech.ts';
import { usageSummary } from '../../../cli/usage-summary.ts';
import { offline, qwen3, qwen35 } from '../../../config/models.ts';
import { recorder } from '../../support/livetranslate.ts';
import { type ScriptedSession, ScriptedSessions } from '../../support/scripted-session.ts';

const languages = { source: 'en', target: 'es', audio: true };
const picture = Uint8Array.of(0xff, 0xd8);
const never = new AbortController().signal;

async function translated(seconds: number, each: (session: ScriptedSession, piece: number) => void) {
  const sessions = new ScriptedSessions();
  async function* speech(): AsyncGenerator<Int16Array> {
    for (let piece = 0; piece < seconds * 10; piece++) {
      each(sessions.last, piece);
      yield new Int16Array(1600);
    }
    sessions.last.ends();
  }
  const { events, recorded } = recorder();
  const outcome = await translateSpeech({
    openSession: sessions.open,
    sessionOptions: languages,
    speech: speech(),
    events,
    picture,
    signal: never,
  });
  return { outcome, recorded, images: sessions.last.images };
}

describe('the picture that goes with the speech', () => {
  it('is sent once the session is ready, and again after each minute of speech', async () => {
    const { outcome, images } = await translated(122, (session, piece) => {
      if (piece === 20) session.readies();
    });
    expect(images).toEqual([picture, picture]);
    expect(outcome.picturesSent).toBe(2);
  });

  it('is tried again until the session sends it', async () => {
    let tries = 0;
    const { outcome } = await translated(2, (session, piece) => {
      if (piece === 0) session.readies();
      session.sendImage = () => ++tries === 3;
    });
    expect({ tries, sent: outcome.picturesSent }).toEqual({ tries: 3, sent: 1 });
  });
});

it('usage is summed up, and every event of the session is passed on', async () => {
  const { outcome, recorded } = await translated(1, (session, piece) => {
    if (piece === 3) session.readies({ audio: true, voice: 'Cherry' });
    if (piece === 5) session.events.usage({ inputAudio: 5, total: 5 });
    if (piece === 6) session.events.usage({ inputAudio: 6, total: 6, estimated: true });
    if (piece === 7) session.events.audio('t', new Int16Array(12_000));
    if (piece === 8) session.says('t', 'Hola.', true);
  });
  expect(outcome).toEqual({
    sentSeconds: 1,
    receivedSeconds: 0.5,
    usage: { inputAudio: 11, total: 11, estimated: true },
    picturesSent: 1,
    finalTexts: 1,
  });
  expect(recorded.map(([name]) => name)).toEqual(['ready', 'usage', 'usage', 'audio', 'translation', 'closed']);
});

describe('the usage summary', () => {
  const usage = { inputAudio: 750, inputImage: 100, inputText: 20, outputText: 40, outputAudio: 750, total: 1660 };
  const session = { sentSeconds: 60, receivedSeconds: 59.96, usage };

  it('names seconds, tokens and cost, with the price list of the host’s region', () => {
    expect(usageSummary(session, qwen3, qwen3.url)).toBe(
      '60.0 s of speech sent · 60.0 s came back · 1660 tokens reported (750 speech in, 100 pictures in, 20 text in, ' +
        '40 text out, 750 speech out) · USD 0.0365 (Model Studio price list, international, 2026)',
    );
    const workspace = 'wss://w.cn-beijing.maas.aliyuncs.com/api-ws/v1/realtime';
    expect(usageSummary(session, qwen3, workspace)).toContain(
      'CNY 0.2314 (Model Studio price list, mainland China, 2026)',
    );
  });

  it('says that the tokens are an estimate', () => {
    expect(
      usageSummary({ ...session, usage: { inputAudio: 750, total: 750, estimated: true } }, qwen3, qwen3.url),
    ).toContain('750 tokens by estimate (750 speech in)');
  });

  it('gives no figure that is not known', () => {
    expect(usageSummary(session, qwen35, qwen35.url)).toMatch(/· price not known$/);
    expect(usageSummary(session, qwen3, 'ws://127.0.0.1:9')).toMatch(/· price not known$/);
    expect(usageSummary({ sentSeconds: 1, receivedSeconds: 0, usage: {} }, qwen3, qwen3.url)).toBe(
      '1.0 s of speech sent · tokens not known · price not known',
    );
    expect(usageSummary({ sentSeconds: 1, receivedSeconds: 0, usage: {} }, offline, undefined)).toBe(
      '1.0 s of speech sent · tokens not known',
    );
  });
});

describe('the fast-forward clock', () => {
  it('lets a minute of speech pass at once', async () => {
    const clock = new FastForwardClock();
    let count = 0;
    for await (const _ of inRealTime(chunksOf(new Int16Array(60 * 16_000)), clock)) count++;
    expect({ count, now: clock.now() }).toEqual({ count: 600, now: 60_000 });
  });

  it('runs timers in their order, without those that were cancelled', async () => {
    const clock = new FastForwardClock();
    const happened: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.after(20, () => happened.push('second'));
    clock.after(10, () => happened.push('first'));
    clock.after(15, () => happened.push('called off'))();
    clock.after(20, () => happened.push('third'));
    clock.after(30, resolve);
    await promise;
    expect(happened).toEqual(['first', 'second', 'third']);
    expect(clock.now()).toBe(30);
  });
});
