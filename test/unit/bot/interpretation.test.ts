import { beforeEach, describe, expect, it } from 'vitest';
import type { CaptionMessage } from '../../../bot/captions.ts';
import { Interpretation } from '../../../bot/interpretation.ts';
import { TranslationError } from '../../../bot/translation/session.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type ScriptedSession, ScriptedSessions } from '../../support/scripted-session.ts';

const speaker = { id: 'ann', name: 'Ann' };
const lost = new TranslationError('transient', 'lost', 'the service hung up');
const FRAME = 320;

/** The numbers with which the frames were filled that a session was sent. */
const frames = ({ sent }: ScriptedSession): (number | undefined)[] => sent.map((samples) => samples[0]);

class Bench {
  readonly clock = new FakeClock();
  readonly #sessions = new ScriptedSessions();
  readonly originals: CaptionMessage[] = [];
  readonly translations: CaptionMessage[] = [];
  readonly voices: string[] = [];
  readonly states: string[] = [];
  readonly interpretation: Interpretation;
  said = 0;
  #utterances = 0;

  constructor({ audio = true, target = 'es' } = {}) {
    this.interpretation = new Interpretation({
      speaker,
      source: 'en',
      target,
      audio,
      openSession: this.#sessions.open,
      output: {
        original: (caption) => this.originals.push(caption),
        translation: (caption) => this.translations.push(caption),
        voice: ({ id }, samples) => this.voices.push(`${id} +${samples.length}`),
        voiceComplete: (id) => this.voices.push(`${id} .`),
        state: (state, message) => this.states.push(message ? `${state}: ${message}` : state),
      },
      nextUtterance: () => `u${++this.#utterances}`,
      clock: this.clock,
      roomNow: () => 100_000 + this.clock.now(),
    });
    this.interpretation.publishesOriginals = true;
  }

  get sessions(): ScriptedSession[] {
    return this.#sessions.all;
  }

  get session(): ScriptedSession {
    return this.#sessions.last;
  }

  /** Speech of so many milliseconds, frame by frame, each frame filled with its number. */
  says(ms: number): void {
    for (let frame = 0; frame < ms / 20; frame++) {
      this.clock.advance(20);
      this.interpretation.hear(new Int16Array(FRAME).fill(++this.said));
    }
  }
}

const texts = (captions: readonly CaptionMessage[]) =>
  captions.map(
    ({ utterance, stable, tentative, final }) => `${utterance} ${stable}${tentative ?? ''}${final ? '.' : ''}`,
  );

describe('Interpretation', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it('opens its session before the first word, with what is wanted of it', () => {
    expect(bench.session.options).toEqual({ source: 'en', target: 'es', audio: true });
    expect(bench.states).toEqual(['listening']);
  });

  it('gives what is said to the session, and what comes back to those who read and hear', () => {
    bench.says(100);
    expect(frames(bench.session)).toEqual([1, 2, 3, 4, 5]);
    bench.session.hears('s1', '', 'hello');
    bench.session.hears('s1', 'hello', '', true);
    bench.session.says('t1', 'hola', true, 's1');
    bench.session.events.audio('t1', new Int16Array(480));
    bench.session.events.audioEnd('t1');
    expect(texts(bench.originals)).toEqual(['u1 hello', 'u1 hello.']);
    expect(bench.translations).toMatchObject([{ utterance: 'u2', stable: 'hola', of: 'u1', kind: 'translation' }]);
    expect(bench.voices).toEqual(['u2 +480', 'u2 .']);
    expect(bench.states).toEqual(['listening', 'translating', 'listening']);
  });

  it('names the original of a translation that comes first', () => {
    bench.session.says('t1', 'hola', false, 's1');
    bench.session.hears('s1', 'hello', '', true);
    expect(bench.translations[0]?.of).toBe(bench.originals[0]?.utterance);
  });

  it('gives voice and text of a segment the same utterance, whichever comes first', () => {
    bench.session.events.audio('t1', new Int16Array(480));
    bench.session.says('t1', 'hola', true);
    expect(bench.voices).toEqual([`${bench.translations[0]?.utterance} +480`]);
  });

  it('keeps originals to itself where another publishes them', () => {
    bench.interpretation.publishesOriginals = false;
    bench.session.hears('s1', 'hello', '', true);
    bench.session.says('t1', 'hola', true, 's1');
    expect(bench.originals).toEqual([]);
    expect(texts(bench.translations)).toEqual(['u2 hola.']);
  });

  it('ends an original that it began, though another publishes them by then', () => {
    bench.session.hears('s1', 'hello', '');
    bench.interpretation.publishesOriginals = false;
    bench.session.hears('s1', 'hello', ' there');
    bench.session.hears('s1', 'hello there', '', true);
    bench.session.hears('s2', 'not ours', '', true);
    expect(texts(bench.originals).at(-1)).toBe('u1 hello there.');
    expect(bench.originals.filter(({ final }) => final)).toHaveLength(1);
  });

  describe('tells when it was said', () => {
    it('by the times that the service names', () => {
      bench.says(2000);
      bench.clock.advance(10_000);
      bench.says(2000);
      bench.session.hears('s1', 'hello', '', true, { startMs: 2100, endMs: 3500 });
      expect(bench.originals[0]).toMatchObject({ start: 112_100, end: 113_500 });
    });

    it('from the beginning of the speech to now where it names none', () => {
      bench.says(1000);
      bench.session.says('t1', 'hola', true);
      expect(bench.translations[0]).toMatchObject({ start: 100_000, end: 101_000 });
    });

    it('with the beginning that came along from before the gate opened', () => {
      bench.clock.advance(5000);
      for (let i = 20; i >= 0; i--) bench.interpretation.hear(new Int16Array(FRAME), i * 20);
      bench.session.hears('s1', 'hello', '', true, { startMs: 0, endMs: 420 });
      expect(bench.originals[0]).toMatchObject({ start: 104_580, end: 105_000 });
    });

    it('though the session was opened again after it was said', () => {
      bench.session.ends(lost);
      bench.says(400);
      bench.clock.advance(100);
      bench.says(1000);
      bench.session.hears('s1', 'hello', '', true, { startMs: 0, endMs: 400 });
      bench.session.hears('s2', 'again', '', true, { startMs: 400, endMs: 1400 });
      expect(bench.originals[0]).toMatchObject({ start: 100_000, end: 100_400 });
      expect(Math.abs((bench.originals[1]?.end ?? 0) - 101_500)).toBeLessThanOrEqual(250);
    });
  });

  describe('when its session is lost in mid-sentence', () => {
    it('closes what was shown with one final each', () => {
      bench.session.hears('s1', 'hello', ' wor');
      bench.session.says('t1', 'hola', false, 's1');
      bench.session.ends(lost);
      expect(texts(bench.originals)).toEqual(['u1 hello wor', 'u1 hello wor.']);
      expect(texts(bench.translations)).toEqual(['u2 hola', 'u2 hola.']);
      expect(bench.states.at(-1)).toBe('reconnecting: the service hung up');
    });

    it('keeps nobody waiting for the rest of its voice', () => {
      bench.session.events.audio('t1', new Int16Array(480));
      bench.session.events.audioEnd('t1');
      bench.session.events.audio('t2', new Int16Array(480));
      bench.session.ends(lost);
      expect(bench.voices).toEqual(['u1 +480', 'u1 .', 'u2 +480', 'u2 .']);
    });

    it('opens another after half a second, which hears all that was said meanwhile', () => {
      bench.says(100);
      bench.session.ends(lost);
      bench.says(480);
      expect(bench.sessions).toHaveLength(1);
      bench.says(40);
      expect(bench.sessions).toHaveLength(2);
      expect(frames(bench.session)).toEqual(Array.from({ length: 26 }, (_, i) => i + 6));
    });

    it('keeps the last 20 s of what is said', () => {
      bench.session.ends(lost);
      const lump = new Int16Array(16_000);
      for (let i = 0; i < 30; i++) bench.interpretation.hear(lump.fill(i).slice());
      bench.clock.advance(500);
      expect(frames(bench.session)).toEqual(Array.from({ length: 20 }, (_, i) => i + 10));
    });

    it('waits twice as long each time, up to 8 s, until something comes back', () => {
      const waits: number[] = [];
      for (let i = 0; i < 7; i++) {
        const before = bench.sessions.length;
        bench.session.ends(lost);
        let waited = 0;
        for (; bench.sessions.length === before; waited += 100) bench.clock.advance(100);
        waits.push(waited);
      }
      expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
      bench.session.hears('s1', 'hello', '');
      bench.session.ends(lost);
      bench.clock.advance(500);
      expect(bench.sessions).toHaveLength(9);
    });

    it('hears nothing more of the old session', () => {
      const [old] = bench.sessions;
      old?.ends(lost);
      bench.clock.advance(500);
      old?.ends(lost);
      bench.clock.advance(60_000);
      expect(bench.sessions).toHaveLength(2);
    });
  });

  it('opens another session with the next word after one that ended in silence', () => {
    bench.session.ends();
    bench.clock.advance(60_000);
    expect(bench.sessions).toHaveLength(1);
    bench.says(40);
    expect(bench.sessions).toHaveLength(2);
    expect(frames(bench.session)).toEqual([1, 2]);
  });

  it.each(['config', 'account'] as const)('says why and tries no more where the service refuses (%s)', (errorClass) => {
    bench.session.ends(new TranslationError(errorClass, 'no', 'the key is wrong'));
    bench.says(1000);
    bench.clock.advance(60_000);
    expect(bench.sessions).toHaveLength(1);
    expect(bench.states.at(-1)).toBe('unavailable: the key is wrong');
  });

  it.each(['throttle', 'transient', 'content'] as const)('tries again after an error of class %s', (errorClass) => {
    bench.session.ends(new TranslationError(errorClass, 'x', 'later'));
    bench.clock.advance(500);
    expect(bench.sessions).toHaveLength(2);
  });

  describe('when the speaker has left', () => {
    it('lets what was said come out before it closes', async () => {
      bench.says(1000);
      const finished = bench.interpretation.finish();
      expect(bench.session.finishes).toBe(1);
      bench.session.hears('s1', 'goodbye', '', true);
      bench.session.says('t1', 'adiós', true, 's1');
      bench.session.ends();
      await finished;
      expect(texts(bench.translations)).toEqual(['u2 adiós.']);
      expect(bench.sessions).toHaveLength(1);
      expect(bench.clock.pending).toBe(0);
    });

    it('does not come back where the session is lost while it finishes', async () => {
      const finished = bench.interpretation.finish();
      bench.session.ends(lost);
      await finished;
      bench.says(100);
      bench.clock.advance(60_000);
      expect(bench.sessions).toHaveLength(1);
      expect(bench.clock.pending).toBe(0);
    });

    it('is done at once where there is no session', async () => {
      bench.session.ends();
      await bench.interpretation.finish();
      expect(bench.clock.pending).toBe(0);
    });
  });

  describe('when it is closed', () => {
    it('closes the session and what was shown, once', () => {
      bench.session.hears('s1', 'hello', '');
      bench.session.events.audio('t1', new Int16Array(480));
      bench.interpretation.close();
      bench.interpretation.close();
      expect(bench.session.closes).toBe(1);
      expect(texts(bench.originals)).toEqual(['u1 hello', 'u1 hello.']);
      expect(bench.voices.at(-1)).toBe('u2 .');
    });

    it('opens nothing any more, not even in a pause between two sessions', () => {
      bench.session.ends(lost);
      bench.interpretation.close();
      bench.says(1000);
      bench.clock.advance(60_000);
      expect(bench.sessions).toHaveLength(1);
      expect(bench.clock.pending).toBe(0);
    });

    it('takes the end of its session, which follows, for no loss', () => {
      const { session } = bench;
      bench.interpretation.close();
      session.ends(lost);
      bench.clock.advance(60_000);
      expect(bench.states).toEqual(['listening']);
      expect(bench.sessions).toHaveLength(1);
    });
  });
});
