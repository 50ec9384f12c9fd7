/** The translation of a recording into one language, on the terminal's side: sessions that end, answers that come, what is kept of them. */
import { describe, expect, it } from 'vitest';
import { type SessionOptions, TranslationError } from '../../../bot/session/translation-session.ts';
import { FastForwardClock } from '../../../cli/dry-run.ts';
import { stillPicture } from '../../../cli/recording-pictures.ts';
import { chunksOf, inRealTime } from '../../../cli/speech.ts';
import { type RecordingPictures, TargetTranslation } from '../../../cli/target-translation.ts';
import type { TranslatedUtterance, TranslationRecord } from '../../../cli/translated-utterance.ts';
import { usageSummary } from '../../../cli/usage-summary.ts';
import { offline, qwen3, qwen35 } from '../../../config/models.ts';
import { recorder } from '../../support/livetranslate.ts';
import { type ScriptedSession, ScriptedSessions } from '../../support/scripted-session.ts';

const languages: SessionOptions = { source: 'en', target: 'es', audio: false };
const jpeg = Uint8Array.of(0xff, 0xd8);
const CHUNK = 1600;
const cut = () => new TranslationError('transient', 'cut', 'The line was cut.');

interface Stage {
  pictures?: RecordingPictures;
  sessionOptions?: SessionOptions;
  /** What is kept; default: everything, without an error. */
  record?: TranslationRecord;
  /** The value of all samples of a chunk; default: its number, which is as good as silence. */
  sample?(chunk: number): number;
  /** Called before each chunk of 100 ms, with its number. */
  each?(session: ScriptedSession, chunk: number): void;
  /** Called when the line was cut, and the next session is to be opened after a pause. */
  pausing?(): void;
  signal?: AbortSignal;
  /** Called when a session is asked to finish. */
  finishing?(session: ScriptedSession): void;
}

/** Sends so many seconds of speech, each chunk of which holds its own number. */
async function translated(seconds: number, stage: Stage = {}) {
  const { pictures, sessionOptions = languages, record, sample = (chunk) => chunk, each, finishing, pausing } = stage;
  const { signal = new AbortController().signal } = stage;
  const sessions = new ScriptedSessions({ readies: true });
  const { events, recorded } = recorder();
  const kept: TranslatedUtterance[] = [];
  const doneMs: number[] = [];
  const cuts: string[] = [];
  const translation = new TargetTranslation({
    openSession: (options, own) => {
      const session = sessions.open(options, own) as ScriptedSession;
      const finish = session.finish.bind(session);
      session.finish = () => {
        const ended = finish();
        finishing?.(session);
        session.ends();
        return ended;
      };
      return session;
    },
    sessionOptions,
    events,
    record: record ?? {
      addVoice: () => 0,
      add(utterance, done) {
        kept.push(utterance);
        doneMs.push(done);
      },
    },
    clock: new FastForwardClock(),
    pace: 4,
    reserve: async () => {},
    ...(pictures && { pictures }),
    fromMs: 0,
    signal,
    onCut({ message }) {
      cuts.push(message);
      pausing?.();
    },
  });
  for (let chunk = 0; chunk < seconds * 10; chunk++) {
    if (sessions.all.length > 0) each?.(sessions.last, chunk);
    await translation.send(new Int16Array(CHUNK).fill(sample(chunk)));
  }
  await translation.finish();
  return { outcome: translation.outcome, recorded, kept, doneMs, cuts, sessions: sessions.all };
}

/** The numbers of the chunks that a session was sent, without the closing silence. */
const numbersIn = ({ sent }: ScriptedSession): number[] =>
  sent.filter(({ length }) => length === CHUNK).map((chunk) => chunk[0] ?? 0);

describe('the picture that goes with the speech', () => {
  it('is sent with the first speech, and again after each minute of it', async () => {
    const { outcome, sessions } = await translated(122, { pictures: stillPicture(jpeg) });
    expect(sessions[0]?.images).toEqual([jpeg, jpeg, jpeg]);
    expect(outcome.picturesSent).toBe(3);
  });

  it('is tried again until the session sends it', async () => {
    let tries = 0;
    const pictures = { at: async (positionMs: number) => (positionMs > 500 ? { id: 'slide', jpeg } : undefined) };
    const { outcome } = await translated(2, {
      pictures,
      each: (session) => {
        session.sendImage = () => ++tries === 3;
      },
    });
    expect({ tries, sent: outcome.picturesSent }).toEqual({ tries: 3, sent: 1 });
  });
});

describe('a recording that is translated', () => {
  it('keeps each utterance with its time in the recording, and tells how far it is done', async () => {
    const { kept, doneMs } = await translated(3, {
      each: (session, chunk) => {
        if (chunk === 10) session.hears('s', 'Hello.', '', true, { startMs: 200, endMs: 900 });
        if (chunk === 15) session.says('t', 'Hola.', true, 's');
      },
    });
    expect(kept).toEqual([{ startMs: 200, endMs: 900, source: 'Hello.', translation: 'Hola.' }]);
    expect(doneMs).toEqual([900]);
  });

  it('opens no further session after a cut where it is told to stop in the pause', async () => {
    const stopping = new AbortController();
    const opened: unknown[] = [];
    const stopped = translated(4, {
      signal: stopping.signal,
      pausing: () => stopping.abort(),
      each(session, chunk) {
        if (!opened.includes(session)) opened.push(session);
        if (chunk === 20) session.ends(cut());
      },
    });
    await expect(stopped).rejects.toThrow(stopping.signal.reason);
    expect(opened).toHaveLength(1);
  });

  it('goes on after a cut, and says again what was not answered, at its time', async () => {
    const { kept, cuts, sessions } = await translated(4, {
      each: (session, chunk) => {
        if (chunk === 10) session.hears('s1', 'One.', '', true, { startMs: 0, endMs: 700 });
        if (chunk === 11) session.says('t1', 'Uno.', true, 's1');
        if (chunk === 15) session.hears('s2', '', 'Two', false, { startMs: 1000 });
        if (chunk === 20) session.ends(cut());
      },
      finishing: (session) => {
        session.hears('s2', 'Two.', '', true, { startMs: 300, endMs: 1500 });
        session.says('t2', 'Dos.', true, 's2');
      },
    });
    expect(cuts).toEqual(['The line was cut.']);
    expect(numbersIn(sessions[1] as ScriptedSession)).toEqual(Array.from({ length: 33 }, (_, i) => i + 7));
    expect(kept.map(({ startMs, translation }) => [startMs, translation])).toEqual([
      [0, 'Uno.'],
      [1000, 'Dos.'],
    ]);
  });

  it('is said again from its first word on, where the service reports it late', async () => {
    const { sessions } = await translated(4, {
      sample: (chunk) => (chunk >= 9 && chunk < 18 ? 10_000 + chunk : chunk),
      each: (session, chunk) => {
        if (chunk === 10) session.hears('s1', 'One.', '', true, { startMs: 0, endMs: 500 });
        if (chunk === 15) session.hears('s2', '', 'Two', false, { startMs: 1200 });
        if (chunk === 16) session.says('t1', 'Uno.', true, 's1');
        if (chunk === 20) session.ends(cut());
      },
    });
    expect(numbersIn(sessions[1] as ScriptedSession)[0]).toBe(6);
  });

  it('ends with the error where what comes cannot be kept', async () => {
    const full = () => {
      throw new Error('there is no room left on the disk');
    };
    const whileSending = translated(4, {
      record: { addVoice: full, add: full },
      each: (session, chunk) => void (chunk === 5 && session.events.audio('t', new Int16Array(100))),
    });
    await expect(whileSending).rejects.toThrow('there is no room left on the disk');
    const atTheEnd = translated(1, {
      record: { addVoice: full, add: full },
      finishing: (session) => session.says('t', 'Hola.', true),
    });
    await expect(atTheEnd).rejects.toThrow('there is no room left on the disk');
  });

  it('is given up where sessions bring nothing', async () => {
    const failing = translated(4, { each: (session, chunk) => void (chunk > 5 && session.ends(cut())) });
    await expect(failing).rejects.toThrow('The line was cut.');
    const lasting = translated(4, {
      each: (session, chunk) =>
        void (chunk === 5 && session.ends(new TranslationError('account', 'paid', 'Nothing is left.'))),
    });
    await expect(lasting).rejects.toThrow('Nothing is left.');
  });

  it('keeps a voice whose end the service does not tell', async () => {
    const { kept, outcome } = await translated(2, {
      sessionOptions: { ...languages, audio: true },
      each: (session, chunk) => {
        if (chunk === 5) session.events.audio('t', new Int16Array(12_000));
        if (chunk === 6) session.says('t', 'Hola.', true);
      },
    });
    expect(kept).toMatchObject([{ startMs: 500, translation: 'Hola.', voice: { offset: 0, length: 12_000 } }]);
    expect(outcome).toMatchObject({ finalTexts: 1, lostSeconds: 0 });
  });

  it('tells what got no answer', async () => {
    const { outcome } = await translated(3, {
      each: (session, chunk) =>
        void (chunk === 20 && session.hears('s', 'Hello.', '', true, { startMs: 500, endMs: 1500 })),
    });
    expect(outcome).toMatchObject({ lostSeconds: 1, finalTexts: 0 });
  });

  it('sums up usage, and passes on every event of the session', async () => {
    const { outcome, recorded } = await translated(1, {
      sessionOptions: { ...languages, audio: true },
      each: (session, chunk) => {
        if (chunk === 5) session.events.usage({ inputAudio: 5, total: 5 });
        if (chunk === 6) session.events.usage({ inputAudio: 6, total: 6, estimated: true });
        if (chunk === 7) session.events.audio('t', new Int16Array(12_000));
        if (chunk === 8) session.says('t', 'Hola.', true);
        if (chunk === 9) session.events.audioEnd('t');
      },
    });
    expect(outcome).toEqual({
      sentSeconds: 1,
      receivedSeconds: 0.5,
      usage: { inputAudio: 11, total: 11, estimated: true },
      picturesSent: 0,
      finalTexts: 1,
      lostSeconds: 0,
    });
    expect(recorded.map(([name]) => name)).toEqual([
      'ready',
      'usage',
      'usage',
      'audio',
      'translation',
      'audioEnd',
      'closed',
    ]);
  });
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
