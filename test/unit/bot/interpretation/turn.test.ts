import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import type { InterpretationEvent } from '../../../../bot/interpretation/interpretation-event.ts';
import { Turn } from '../../../../bot/interpretation/turn.ts';
import { unlimitedConnections } from '../../../../bot/session/connection-limiter.ts';
import { SessionPool } from '../../../../bot/session/session-pool.ts';
import { TranslationError } from '../../../../bot/session/translation-session.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { type ScriptedSession, ScriptedSessions } from '../../../support/scripted-session.ts';

const CHUNK_MS = 20;
const CHUNK_SAMPLES = 320;
const lost = new TranslationError('transient', 'lost', 'the service hung up. Try again.', 'the service hung up.');

interface StageOptions {
  /** Sessions become ready by themselves. */
  readies?: boolean;
  catchUpRate?: number;
  timeoutMultiplier?: number;
  target?: string;
  idleTimeoutMs?: number;
}

/** One turn on a real session pool, with a service that says what the test says. */
class Stage {
  readonly clock = new FakeClock();
  readonly #sessions: ScriptedSessions;
  readonly events: InterpretationEvent[] = [];
  readonly turn: Turn;
  ends = 0;
  #chunks = 0;
  #utterances = 0;

  constructor({
    readies = true,
    catchUpRate = 1,
    timeoutMultiplier = 1,
    target = 'es',
    idleTimeoutMs = 60_000,
  }: StageOptions = {}) {
    this.#sessions = new ScriptedSessions({ readies });
    this.turn = new Turn({
      speaker: { id: 'ann', name: 'Ann' },
      sessionOptions: { source: 'en', target, audio: false },
      hasCaptionSubscribers: true,
      pool: new SessionPool({
        openSession: this.#sessions.open,
        connectionLimiter: unlimitedConnections,
        model: {},
        sessionIdleTimeoutMs: idleTimeoutMs,
        clock: this.clock,
        random: () => 0,
        log: silentLog,
      }),
      catchUpRate,
      timeoutMultiplier,
      nextUtterance: () => `u${++this.#utterances}`,
      clock: this.clock,
      roomNowMs: () => this.clock.now(),
      emit: (event) => this.events.push(event),
      retractAudio: () => true,
      onEnded: () => {
        this.ends++;
      },
    });
  }

  get sessions(): ScriptedSession[] {
    return this.#sessions.all;
  }

  get session(): ScriptedSession {
    return this.#sessions.last;
  }

  /** Speech of so many milliseconds, in real time: each chunk is filled with its number, from 1. */
  async speaks(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= CHUNK_MS) {
      await this.passTime(CHUNK_MS);
      this.#push(true);
    }
    await this.passTime(0);
  }

  /** Speech of so many milliseconds that comes at once. */
  async pushesAtOnce(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= CHUNK_MS) this.#push(true);
    await this.passTime(0);
  }

  #push(isSpeech: boolean): void {
    const samples = new Int16Array(CHUNK_SAMPLES).fill(++this.#chunks);
    this.turn.push({ samples, roomMs: this.clock.now(), isSpeech });
  }

  async passTime(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= CHUNK_MS) {
      for (let i = 0; i < 8; i++) await Promise.resolve();
      this.clock.advance(Math.min(left, CHUNK_MS));
    }
    for (let i = 0; i < 8; i++) await Promise.resolve();
  }

  /** A sentence as the service answers it: source and translation, both final. */
  answers(number: number, text: string, session = this.session): void {
    session.hears(`s${number}`, text, '', true);
    session.says(`t${number}`, text.toUpperCase(), true, `s${number}`);
  }

  /** The numbers of the chunks that a session was sent. */
  chunksOf(session: ScriptedSession): number[] {
    return session.sent.map((samples) => samples[0] ?? 0).filter((number) => number > 0);
  }

  sentMs(content: 'speech' | 'replayed' | 'silence'): number {
    return this.events.reduce(
      (sum, event) => sum + (event.type === 'audioSent' && event.content === content ? event.ms : 0),
      0,
    );
  }

  get states(): string[] {
    return this.events.flatMap((event) =>
      event.type === 'state' ? [event.message === undefined ? event.state : `${event.state}: ${event.message}`] : [],
    );
  }

  /** The final captions of a kind. */
  finals(kind: 'original' | 'translation'): string[] {
    return this.events.flatMap((event) =>
      event.type === 'caption' && event.caption.kind === kind && event.caption.final
        ? [`${event.language}: ${event.caption.corrected ?? event.caption.stable}`]
        : [],
    );
  }
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('Turn', () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });

  describe('while the speaker speaks', () => {
    it('sends each chunk once and in order, the first words included, which came before the session was ready', async () => {
      stage = new Stage({ readies: false });
      await stage.speaks(200);
      expect(stage.session.sent).toEqual([]);
      stage.session.readies();
      await stage.speaks(300);
      await stage.passTime(200);
      expect(stage.chunksOf(stage.session)).toEqual(numbers(1, 25));
    });

    it.each([
      { catchUpRate: 1, afterMs: 4000 },
      { catchUpRate: 4, afterMs: 1000 },
    ])('sends speech that had to wait at $catchUpRate times the pace of speech', async ({ catchUpRate, afterMs }) => {
      stage = new Stage({ readies: false, catchUpRate });
      await stage.pushesAtOnce(5000);
      stage.session.readies();
      await stage.passTime(afterMs - 500);
      expect(stage.session.sentMs).toBeLessThan(5000);
      await stage.passTime(1000);
      expect(stage.session.sentMs).toBe(5000);
    });

    it('emits captions in the languages of the turn', async () => {
      await stage.speaks(500);
      stage.answers(1, 'hello');
      expect(stage.finals('original')).toEqual(['en: hello']);
      expect(stage.finals('translation')).toEqual(['es: HELLO']);
    });

    it('reports what the service was sent, and what it bills', async () => {
      await stage.speaks(500);
      stage.session.events.usage({ inputAudio: 7 });
      expect(stage.sentMs('speech')).toBe(500);
      expect(stage.events).toContainEqual({ type: 'usage', usage: { inputAudio: 7 } });
    });

    it('sends no silence and does not end, however long the speaker is between two words', async () => {
      await stage.speaks(500);
      stage.answers(1, 'hello');
      await stage.passTime(30_000);
      expect(stage.sentMs('silence')).toBe(0);
      expect(stage.ends).toBe(0);
    });

    it('offers its session to be shown pictures, and none while it waits for one', async () => {
      stage = new Stage({ readies: false });
      await stage.speaks(100);
      expect(stage.turn.imageSink).toBeUndefined();
      stage.session.readies();
      await stage.passTime(0);
      expect(stage.turn.imageSink?.sendImage(new Uint8Array(3))).toBe(true);
      expect(stage.session.images).toHaveLength(1);
    });
  });

  describe('after the last word', () => {
    it('sends silence until the service has ended all segments, and gives the session back a second later', async () => {
      await stage.speaks(1000);
      stage.turn.pause();
      await stage.passTime(500);
      expect(stage.sentMs('silence')).toBeGreaterThanOrEqual(400);
      stage.answers(1, 'hello');
      await stage.passTime(800);
      expect(stage.ends).toBe(0);
      await stage.passTime(400);
      expect(stage.ends).toBe(1);
      expect(stage.session.finishes).toBe(0);
      const silenceMs = stage.sentMs('silence');
      await stage.passTime(10_000);
      expect(stage.sentMs('silence')).toBe(silenceMs);
    });

    it('sends 3 s of silence at most', async () => {
      await stage.speaks(3000);
      stage.turn.pause();
      await stage.passTime(7000);
      expect(stage.sentMs('silence')).toBe(3000);
    });

    it('ends open captions with what was shown where the service leaves a segment open, and discards its session', async () => {
      await stage.speaks(3000);
      stage.turn.pause();
      await stage.passTime(100);
      stage.session.hears('s1', 'hello', ' wor');
      await stage.passTime(10_000);
      expect(stage.finals('original')).toEqual(['en: hello wor']);
      expect(stage.ends).toBe(1);
      expect(stage.session.finishes).toBe(1);
    });

    it('goes on where the speaker does, on the same session', async () => {
      await stage.speaks(500);
      stage.turn.pause();
      await stage.passTime(600);
      await stage.speaks(500);
      expect(stage.chunksOf(stage.session)).toEqual(numbers(1, 50));
      stage.turn.pause();
      stage.answers(1, 'hello');
      await stage.passTime(3000);
      expect(stage.ends).toBe(1);
    });

    it('gives the session back unharmed where the speech was too short to be answered', async () => {
      await stage.speaks(400);
      stage.turn.pause();
      await stage.passTime(10_000);
      expect(stage.ends).toBe(1);
      expect(stage.sessions).toHaveLength(1);
      expect(stage.session.finishes).toBe(0);
    });

    it('ends within 60 s although the service goes on and never ends a segment', async () => {
      await stage.speaks(2000);
      stage.turn.pause();
      for (let i = 0; i < 58; i++) {
        stage.session.hears('s1', '', `word ${i}`);
        await stage.passTime(1000);
      }
      expect(stage.ends).toBe(0);
      stage.session.hears('s1', '', 'still');
      await stage.passTime(3000);
      expect(stage.ends).toBe(1);
    });

    it('needs no translation for a transcript', async () => {
      stage = new Stage({ target: 'en' });
      await stage.speaks(1000);
      stage.turn.pause();
      stage.session.hears('s1', 'hello', '', true);
      await stage.passTime(1500);
      expect(stage.ends).toBe(1);
      expect(stage.session.finishes).toBe(0);
    });
  });

  describe('when its session is lost', () => {
    it('replays what was not answered to another session', async () => {
      await stage.speaks(1000);
      stage.session.ends(lost);
      await stage.passTime(2000);
      expect(stage.sessions).toHaveLength(2);
      expect(stage.chunksOf(stage.session)).toEqual(numbers(1, 50));
      expect(stage.sentMs('replayed')).toBe(1000);
      expect(stage.states).toContain('reconnecting: the service hung up. Booth connects again by itself.');
      stage.answers(1, 'hello');
      expect(stage.finals('original')).toEqual(['en: hello']);
    });

    it('does not replay what the service says it has answered', async () => {
      await stage.speaks(1000);
      stage.session.hears('s1', 'one', '', true, { startMs: 0, endMs: 600 });
      stage.session.says('t1', 'UNO', true, 's1');
      stage.session.ends(lost);
      await stage.passTime(2000);
      const [first] = stage.chunksOf(stage.session);
      expect(first).toBeGreaterThanOrEqual(30);
      expect(first).toBeLessThanOrEqual(31);
    });

    it('gives the speech up after three lost sessions without an answer, and says so', async () => {
      await stage.speaks(1000);
      for (let i = 0; i < 3; i++) {
        expect(stage.ends).toBe(0);
        stage.session.ends(lost);
        await stage.passTime(20_000);
      }
      expect(stage.sessions).toHaveLength(3);
      expect(stage.ends).toBe(1);
      expect(stage.states.at(-1)).toContain('not translated');
    });

    it('counts the lost sessions from the last answer on', async () => {
      await stage.speaks(1000);
      for (let i = 0; i < 6; i++) {
        stage.session.hears(`s${i}`, 'hello');
        stage.session.ends(lost);
        await stage.passTime(20_000);
      }
      expect(stage.sessions).toHaveLength(7);
      expect(stage.ends).toBe(0);
    });

    it('abandons a session that answers nothing for 10 s of speech, or four times as long where the model is slow', async () => {
      const slow = new Stage({ timeoutMultiplier: 4 });
      for (const each of [stage, slow]) await each.speaks(11_000);
      expect(stage.sessions).toHaveLength(2);
      expect(stage.sessions[0]?.finishes).toBe(1);
      expect(slow.sessions).toHaveLength(1);
    });
  });

  it('tells readers what the service will not translate, and does not replay it', async () => {
    await stage.speaks(1000);
    stage.session.hears('s1', 'bad', '');
    stage.session.refuses(new TranslationError('content', 'filtered', 'it will not say this'));
    expect(stage.states.at(-1)).toBe('listening: it will not say this');
    expect(stage.events).toContainEqual(
      expect.objectContaining({ type: 'caption', caption: expect.objectContaining({ contentFiltered: true }) }),
    );
    stage.session.ends(lost);
    await stage.speaks(200);
    await stage.passTime(1000);
    expect(stage.chunksOf(stage.session)).toEqual(numbers(51, 60));
  });

  it('ends where the service denies sessions of its kind', async () => {
    stage = new Stage({ readies: false });
    await stage.speaks(100);
    stage.session.ends(new TranslationError('account', 'key', 'the key is wrong'));
    await stage.passTime(1000);
    expect([stage.turn.isDenied, stage.turn.isExpired, stage.ends]).toEqual([true, true, 1]);
    await stage.speaks(1000);
    expect(stage.sessions).toHaveLength(1);
  });

  describe('where no session comes', () => {
    beforeEach(() => {
      stage = new Stage({ readies: false });
    });

    it('gives up a minute after the last word', async () => {
      await stage.speaks(1000);
      stage.turn.pause();
      await stage.passTime(59_000);
      expect(stage.ends).toBe(0);
      await stage.passTime(2000);
      expect(stage.ends).toBe(1);
      expect(stage.states.at(-1)).toContain('not translated');
    });

    it('keeps the last 20 s of speech', async () => {
      await stage.pushesAtOnce(30_000);
      stage.session.readies();
      for (let i = 0; i < 25; i++) {
        await stage.passTime(1000);
        stage.session.hears('s1', '', `word ${i}`);
      }
      expect(stage.chunksOf(stage.session)).toEqual(numbers(501, 1500));
    });
  });

  describe('when it is closed', () => {
    it('ends at once, once, with what was shown, and discards its session', async () => {
      await stage.speaks(500);
      stage.session.hears('s1', 'hello', '');
      stage.turn.close();
      stage.turn.close();
      expect(stage.ends).toBe(1);
      expect(stage.finals('original')).toEqual(['en: hello']);
      expect(stage.session.finishes).toBe(1);
      expect(stage.clock.pending).toBe(0);
    });

    it('takes no more speech, and no session that comes later', async () => {
      stage = new Stage({ readies: false });
      await stage.speaks(100);
      stage.turn.close();
      stage.session.readies();
      await stage.speaks(500);
      expect(stage.turn.isExpired).toBe(true);
      expect(stage.session.sent).toEqual([]);
    });
  });
});
