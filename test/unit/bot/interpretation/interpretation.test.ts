import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import type { OutgoingCaption } from '../../../../bot/captions/caption-channel.ts';
import type { RecognizedText } from '../../../../bot/demand/spoken-language-detector.ts';
import { Interpretation } from '../../../../bot/interpretation/interpretation.ts';
import type { InterpretationEvent } from '../../../../bot/interpretation/interpretation-event.ts';
import { SourceUtteranceIndex } from '../../../../bot/interpretation/source-utterance-index.ts';
import { unlimitedConnections } from '../../../../bot/session/connection-limiter.ts';
import { SessionPool } from '../../../../bot/session/session-pool.ts';
import {
  type OpenSession,
  type SessionOptions,
  TranslationError,
} from '../../../../bot/session/translation-session.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { type ScriptedSession, ScriptedSessions } from '../../../support/scripted-session.ts';

const speaker = { id: 'ann', name: 'Ann' };
const lost = new TranslationError('transient', 'lost', 'the service hung up. Try again.', 'the service hung up.');
const FRAME = 320;
const FRAME_MS = 20;

/** The numbers with which the frames were filled that a session was sent, without the silence that followed. */
const frames = ({ sent }: ScriptedSession): (number | undefined)[] =>
  sent.map((samples) => samples[0]).filter((number) => number !== 0);

const silenceMs = ({ sent }: ScriptedSession): number =>
  sent.filter((samples) => samples.every((sample) => sample === 0)).reduce((sum, { length }) => sum + length / 16, 0);

class Bench {
  readonly clock = new FakeClock();
  readonly #sessions = new ScriptedSessions();
  readonly originals: OutgoingCaption[] = [];
  readonly translations: OutgoingCaption[] = [];
  readonly voices: string[] = [];
  readonly states: string[] = [];
  readonly recognized: RecognizedText[] = [];
  isEcho = false;
  readonly published = new SourceUtteranceIndex();
  readonly sentMs = { speech: 0, replayed: 0, silence: 0 };
  readonly sessionOptions: SessionOptions;
  readonly interpretation: Interpretation;
  /** Whether what was said so far has sounded. */
  sounded = false;
  /** Sessions open by themselves. */
  opens = true;
  said = 0;
  /** How often a session was requested of the pool. */
  requests = 0;
  #utterances = 0;

  constructor({ target = 'es', catchUpRate = 1, timeoutMultiplier = 1 } = {}) {
    this.sessionOptions = { source: 'en', target, audio: true };
    const openSession: OpenSession = (options, events) => {
      const session = this.#sessions.open(options, events);
      if (this.opens) queueMicrotask(() => events.ready({ audio: true }));
      return session;
    };
    this.interpretation = new Interpretation({
      speaker,
      settings: { sessionOptions: this.sessionOptions, originals: true, hasCaptionSubscribers: true },
      sourceUtterances: this.published,
      pool: this.#counting({
        openSession,
        connectionLimiter: unlimitedConnections,
        model: {},
        sessionIdleTimeoutMs: 240_000,
        clock: this.clock,
        random: () => 1,
        log: silentLog,
      }),
      catchUpRate,
      timeoutMultiplier,
      emit: (event) => this.#receive(event),
      retractAudio: (id) => {
        if (!this.sounded) this.voices.push(`${id} taken back`);
        return !this.sounded;
      },
      nextUtterance: () => `u${++this.#utterances}`,
      clock: this.clock,
      roomNowMs: () => 100_000 + this.clock.now(),
      isEcho: () => this.isEcho,
    });
  }

  #counting(options: ConstructorParameters<typeof SessionPool>[0]): Pick<SessionPool, 'requestLease'> {
    const pool = new SessionPool(options);
    return {
      requestLease: (...request) => {
        this.requests++;
        return pool.requestLease(...request);
      },
    };
  }

  #receive(event: InterpretationEvent): void {
    switch (event.type) {
      case 'caption':
        if (event.caption.kind === 'original') expect(event.language).toBe('en');
        (event.caption.kind === 'original' ? this.originals : this.translations).push(event.caption);
        break;
      case 'voice':
        this.voices.push(`${event.utterance.id} +${event.samples.length}`);
        break;
      case 'voiceComplete':
        this.voices.push(`${event.utterance} .`);
        break;
      case 'voiceCutShort':
        this.voices.push(`${event.utterance.id} cut short`);
        break;
      case 'audioSent':
        this.sentMs[event.content] += event.ms;
        break;
      case 'recognized':
        this.recognized.push(event.recognized);
        break;
      case 'state':
        this.states.push(event.message ? `${event.state}: ${event.message}` : event.state);
    }
  }

  get sessions(): ScriptedSession[] {
    return this.#sessions.all;
  }

  get session(): ScriptedSession {
    return this.#sessions.last;
  }

  /** Speech of so many milliseconds, frame by frame, each frame filled with its number. */
  async says(ms: number): Promise<void> {
    for (let frame = 0; frame < ms / FRAME_MS; frame++) {
      await this.passTime(FRAME_MS);
      this.interpretation.push(new Int16Array(FRAME).fill(++this.said));
    }
    await this.passTime(0);
  }

  /** The pause by which the gate knows that they have ended, and so much more. */
  async fallsSilent(ms = 0): Promise<void> {
    for (let frame = 0; frame < 1500 / FRAME_MS; frame++) {
      await this.passTime(FRAME_MS);
      this.interpretation.push(new Int16Array(FRAME), { isSpeech: false });
    }
    this.interpretation.pause();
    await this.passTime(ms);
  }

  /** Time, in steps between which everything that was promised happens. */
  async passTime(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= FRAME_MS) {
      this.clock.advance(FRAME_MS);
      await happens();
    }
    for (let i = 0; i < 3; i++) {
      this.clock.advance(0);
      await happens();
    }
  }

  /** Answers a sentence in full: source, translation and voice. */
  answers(segment: string, text: string, session = this.session): void {
    session.hears(`s${segment}`, text, '', true);
    session.says(`t${segment}`, `[${text}]`, true, `s${segment}`);
    session.events.audio(`t${segment}`, new Int16Array(480));
    session.events.audioEnd(`t${segment}`);
  }
}

const happens = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await Promise.resolve();
};

const texts = (captions: readonly OutgoingCaption[]) =>
  captions.map(
    ({ utterance, stable, tentative, final, corrected }) =>
      `${utterance} ${stable}${tentative ?? ''}${corrected === undefined ? '' : ` → ${corrected}`}${final ? '.' : ''}`,
  );
const finals = (captions: readonly OutgoingCaption[]) => texts(captions.filter(({ final }) => final));

describe('Interpretation', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it('leases no session before the first word, and then one of the wanted kind', async () => {
    await bench.passTime(1000);
    expect(bench.sessions).toEqual([]);
    expect(bench.states).toEqual(['listening']);
    await bench.says(100);
    expect(bench.sessions.map(({ options }) => options)).toEqual([bench.sessionOptions]);
  });

  it('sends speech to the session, and emits captions and voice', async () => {
    await bench.says(100);
    expect(frames(bench.session)).toEqual([1, 2, 3, 4, 5]);
    bench.session.hears('s1', '', 'hello');
    bench.session.hears('s1', 'hello', '', true);
    bench.session.says('t1', 'hola', true, 's1');
    bench.session.events.audio('t1', new Int16Array(480));
    bench.session.events.audioEnd('t1');
    expect(texts(bench.originals)).toEqual(['u1 hello', 'u1 hello.']);
    expect(bench.translations).toMatchObject([
      { utterance: 'u2', stable: 'hola', sourceUtterance: 'u1', kind: 'translation' },
    ]);
    expect(bench.voices).toEqual(['u2 +480', 'u2 .']);
    expect(bench.states).toEqual(['listening', 'listening', 'translating', 'listening']);
  });

  it('emits each recognized text once with its language, and no echo of what the speaker hears', async () => {
    await bench.says(100);
    bench.session.hears('s1', 'hola', ' a', false, { language: 'es' });
    for (const language of ['es', 'fr']) bench.session.hears('s1', 'hola a todos', '', true, { language });
    expect(bench.recognized).toEqual([{ declared: 'en', language: 'es', text: 'hola a todos' }]);
    bench.isEcho = true;
    bench.session.hears('s2', 'y bienvenidos', '', true, { language: 'es' });
    bench.isEcho = false;
    bench.session.hears('s3', 'hello', '', true);
    expect(bench.recognized.slice(1)).toEqual([{ declared: 'en', language: undefined, text: 'hello' }]);
  });

  it('links a translation that comes before its original', async () => {
    await bench.says(100);
    bench.session.says('t1', 'hola', false, 's1');
    bench.session.hears('s1', 'hello', '', true);
    expect(bench.translations[0]?.sourceUtterance).toBe(bench.originals[0]?.utterance);
  });

  it('gives voice and text of a segment the same utterance, whichever comes first', async () => {
    await bench.says(100);
    bench.session.events.audio('t1', new Int16Array(480));
    bench.session.says('t1', 'hola', true);
    expect(bench.voices).toEqual([`${bench.translations[0]?.utterance} +480`]);
  });

  it('emits no originals that another interpretation publishes, but ends those it began', async () => {
    await bench.says(100);
    bench.session.hears('s1', 'hello', '');
    bench.interpretation.updateSettings({
      sessionOptions: bench.sessionOptions,
      originals: false,
      hasCaptionSubscribers: true,
    });
    bench.session.hears('s1', 'hello there', '', true);
    bench.session.hears('s2', 'not ours', '', true);
    expect(texts(bench.originals)).toEqual(['u1 hello', 'u1 hello there.']);
  });

  describe('times captions', () => {
    it('by the times that the service names', async () => {
      await bench.says(2000);
      await bench.fallsSilent(500);
      await bench.says(2000);
      const silence = silenceMs(bench.session);
      bench.session.hears('s1', 'hello', '', true, { startMs: 2000 + silence + 100, endMs: 2000 + silence + 1500 });
      expect(bench.originals[0]?.start).toBeGreaterThanOrEqual(104_050);
      expect(bench.originals[0]?.start).toBeLessThanOrEqual(104_350);
      expect((bench.originals[0]?.end ?? 0) - (bench.originals[0]?.start ?? 0)).toBe(1400);
    });

    it('including the pre-roll from before the gate opened', async () => {
      await bench.passTime(5000);
      for (let i = 20; i >= 0; i--) bench.interpretation.push(new Int16Array(FRAME), { agoMs: i * FRAME_MS });
      await bench.passTime(0);
      bench.session.hears('s1', 'hello', '', true, { startMs: 0, endMs: 420 });
      expect(bench.originals[0]).toMatchObject({ start: 104_580, end: 105_000 });
    });
  });

  describe('when the speaker falls silent', () => {
    it('releases the session when all answers have come, and takes the same for the next word', async () => {
      await bench.says(1000);
      await bench.fallsSilent();
      bench.answers('1', 'hello');
      await bench.passTime(2000);
      await bench.says(200);
      expect(bench.sessions).toHaveLength(1);
      expect(bench.session.finishes).toBe(0);
      bench.answers('2', 'again');
      expect(finals(bench.translations)).toEqual(['u2 [hello].', 'u4 [again].']);
    });

    it('sends silence until the service has ended its segments, and no more', async () => {
      await bench.says(1000);
      await bench.fallsSilent(1000);
      bench.answers('1', 'hello');
      await bench.passTime(20_000);
      expect(bench.sentMs.silence).toBeGreaterThanOrEqual(1000);
      expect(bench.sentMs.silence).toBeLessThanOrEqual(2200);
    });

    it('sends at most 3 s of silence, and then ends open captions with what was shown', async () => {
      await bench.says(3000);
      await bench.fallsSilent();
      bench.session.hears('s1', 'hello', ' wor');
      bench.session.says('t1', 'hola', false, 's1');
      await bench.passTime(20_000);
      expect(bench.sentMs.silence).toBe(3000);
      expect(finals(bench.originals)).toEqual(['u1 hello wor.']);
      expect(finals(bench.translations)).toEqual(['u2 hola.']);
      expect(bench.session.finishes, 'it may go on with the old sentence: nobody gets it').toBe(1);
    });

    it('waits for answers that still come, however long they are', async () => {
      await bench.says(3000);
      await bench.fallsSilent();
      for (let i = 0; i < 10; i++) {
        bench.session.says('t1', 'una traducción larga '.repeat(i + 1), false);
        await bench.passTime(1500);
      }
      bench.session.says('t1', 'el final', true);
      await bench.passTime(3000);
      expect(bench.translations.filter(({ final }) => final)).toHaveLength(1);
    });

    it('waits longer for a service whose model has more timeoutMultiplier', async () => {
      for (const { timeoutMultiplier, sessions } of [
        { timeoutMultiplier: 1, sessions: 2 },
        { timeoutMultiplier: 4, sessions: 1 },
      ]) {
        const late = new Bench({ timeoutMultiplier });
        await late.says(3000);
        await late.fallsSilent(15_000);
        expect(late.sessions, 'one that has said nothing').toHaveLength(sessions);
      }
    });

    it('takes the final text of such a service long after its last word', async () => {
      const late = new Bench({ timeoutMultiplier: 4 });
      await late.says(3000);
      late.session.hears('s1', 'you are', ' currently');
      await late.fallsSilent(10_000);
      late.session.hears('s1', 'you are currently alone', '', true);
      await late.passTime(100);
      expect(late.originals.at(-1)).toMatchObject({ stable: 'you are currently alone', final: true });
    });

    it('replays no noise that got no answer', async () => {
      await bench.says(500);
      await bench.fallsSilent(30_000);
      expect(bench.sessions).toHaveLength(1);
      expect(bench.session.finishes).toBe(0);
      expect([...bench.originals, ...bench.translations]).toEqual([]);
    });
  });

  describe('when its session is lost in mid-sentence', () => {
    it('replays unfinished speech to another session, which continues the same utterances', async () => {
      await bench.says(400);
      bench.session.hears('s1', 'hello', ' wor');
      bench.session.says('t1', 'hola', false, 's1');
      bench.session.ends(lost);
      await bench.says(200);
      expect(bench.sessions).toHaveLength(2);
      expect(bench.states).toContain('reconnecting: the service hung up. Booth connects again by itself.');
      await bench.passTime(1000);
      expect(frames(bench.session)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      bench.session.hears('s1', 'hello world', '', true);
      bench.session.says('t1', 'buenos días mundo', true, 's1');
      expect(finals(bench.originals)).toEqual(['u1 hello world.']);
      expect(finals(bench.translations)).toEqual(['u2 hola → buenos días mundo.']);
    });

    it('does not replay finished speech where the service tells where it ended', async () => {
      await bench.says(1000);
      bench.session.hears('s1', 'one', '', true, { startMs: 0, endMs: 1000 });
      bench.session.says('t1', 'uno', true, 's1');
      bench.session.events.audioEnd('t1');
      await bench.says(500);
      bench.session.hears('s2', 'two', '');
      bench.session.ends(lost);
      await bench.passTime(1000);
      expect(frames(bench.session)).toEqual(Array.from({ length: 25 }, (_, i) => i + 51));
      bench.answers('1', 'two three');
      expect(finals(bench.originals)).toEqual(['u1 one.', 'u3 two three.']);
    });

    it('shows finished speech once where the service does not tell where it ended', async () => {
      await bench.says(1000);
      bench.session.hears('s1', 'one', '', true);
      bench.session.says('t1', 'uno', true, 's1');
      await bench.says(500);
      bench.session.ends(lost);
      await bench.passTime(2000);
      expect(frames(bench.session)).toHaveLength(75);
      bench.session.hears('s1', 'one two', '', true);
      bench.session.says('t1', 'uno dos', true, 's1');
      expect(finals(bench.originals)).toEqual(['u1 one.', 'u3 two.']);
      expect(finals(bench.translations)).toEqual(['u2 uno.', 'u4 dos.']);
      expect(bench.translations.at(-1)?.sourceUtterance).toBe('u3');
    });

    it('takes the whole voice from the other session where nothing of it was played', async () => {
      await bench.says(400);
      bench.session.says('t1', 'hola', false);
      bench.session.events.audio('t1', new Int16Array(480));
      bench.session.ends(lost);
      await bench.passTime(500);
      bench.answers('1', 'hello');
      expect(bench.voices).toEqual(['u1 +480', 'u1 taken back', 'u1 +480', 'u1 .']);
    });

    it('plays nothing twice: the rest of a voice that was partly played is read only', async () => {
      bench.sounded = true;
      await bench.says(400);
      bench.session.says('t1', 'hola', false);
      bench.session.events.audio('t1', new Int16Array(480));
      bench.session.ends(lost);
      await bench.passTime(500);
      bench.answers('1', 'hello');
      expect(bench.voices).toEqual(['u1 +480', 'u1 cut short']);
      expect(finals(bench.translations)).toEqual(['u1 hola → [hello].']);
    });

    it('keeps the last 20 s of speech until there is another session', async () => {
      await bench.says(20);
      bench.opens = false;
      bench.session.ends(lost);
      await bench.passTime(1000);
      for (let i = 1; i <= 30; i++) bench.interpretation.push(new Int16Array(16_000).fill(100 + i));
      bench.session.readies();
      for (let i = 1; i < 30; i++) {
        await bench.passTime(1000);
        bench.session.hears('s1', '', 'word '.repeat(i));
      }
      const [again, ...kept] = frames(bench.session);
      expect(again).toBe(1);
      expect(kept).toEqual(Array.from({ length: 20 }, (_, i) => 111 + i));
    });

    it('sends speech that waited no faster than the model takes it', async () => {
      const quick = new Bench({ catchUpRate: 2 });
      for (const each of [bench, quick]) {
        each.opens = false;
        await each.says(10_000);
        each.session.readies();
        await each.passTime(4000);
      }
      expect(bench.session.sentMs).toBeGreaterThanOrEqual(4000);
      expect(bench.session.sentMs).toBeLessThanOrEqual(5000);
      expect(quick.session.sentMs).toBeGreaterThanOrEqual(8000);
      expect(quick.session.sentMs).toBeLessThanOrEqual(9000);
    });

    it('abandons speech in which three sessions in a row were lost, and takes what is said next', async () => {
      await bench.says(400);
      for (let i = 0; i < 3; i++) {
        bench.session.ends(lost);
        await bench.passTime(20_000);
      }
      expect(bench.sessions).toHaveLength(3);
      await bench.says(200);
      expect(bench.sessions).toHaveLength(4);
      expect(frames(bench.session)).toEqual(Array.from({ length: 10 }, (_, i) => i + 21));
      expect(bench.states.filter((state) => state.includes('not translated'))).toEqual([
        'listening: Three sessions in a row failed before they answered; that speech is not translated.',
      ]);
    });

    it('takes a voice that had not begun from the next session, although its text was final', async () => {
      await bench.says(1000);
      await bench.fallsSilent();
      bench.session.hears('s1', 'hello', '', true, { startMs: 0, endMs: 1000 });
      bench.session.says('t1', '[hello]', true, 's1');
      bench.session.ends(lost);
      await bench.passTime(1000);
      expect(bench.sessions).toHaveLength(2);
      bench.answers('1', 'hello');
      expect(bench.voices).toEqual(['u2 +480', 'u2 .']);
    });
  });

  describe('where no session comes', () => {
    beforeEach(() => {
      bench.opens = false;
    });

    it('abandons speech after a minute, and says so', async () => {
      await bench.says(1000);
      await bench.fallsSilent(57_000);
      expect(bench.states.at(-1)).toBe('listening');
      await bench.passTime(3000);
      expect(bench.states.at(-1)).toContain('not translated');
      bench.session.readies();
      await bench.passTime(1000);
      expect(bench.session.sent).toEqual([]);
      expect(bench.clock.pending, 'the session that is held').toBe(1);
    });

    it('waits as long as the speaker speaks', async () => {
      for (let i = 0; i < 5; i++) {
        await bench.says(1000);
        await bench.passTime(20_000);
      }
      expect(bench.states.join()).not.toContain('not translated');
      bench.session.readies();
      await bench.passTime(1000);
      expect(frames(bench.session)[0]).toBe(1);
    });

    it('counts the minute from the last word', async () => {
      for (let i = 0; i < 3; i++) {
        await bench.says(1000);
        await bench.fallsSilent(40_000);
      }
      expect(bench.states.join()).not.toContain('not translated');
      await bench.passTime(20_000);
      expect(bench.states.at(-1)).toContain('not translated');
    });

    it('does not request a session again within a sentence that was denied one, but with the next', async () => {
      const refused = new TranslationError('account', 'key', 'the key is not accepted');
      await bench.says(100);
      bench.session.ends(refused);
      await bench.says(1000);
      expect(bench.requests).toBe(1);
      await bench.fallsSilent();
      await bench.says(1000);
      expect(bench.requests).toBe(2);
      expect(bench.sessions).toHaveLength(1);
    });
  });

  it('requests no session for silence', async () => {
    await bench.fallsSilent(1000);
    expect(bench.sessions).toHaveLength(0);
  });

  it('abandons a session that does not answer long speech, and replays it to another', async () => {
    await bench.says(11_000);
    expect(bench.sessions).toHaveLength(2);
    expect(bench.sessions[0]?.finishes).toBe(1);
    await bench.passTime(15_000);
    expect(frames(bench.session)[0]).toBe(1);
  });

  it('abandons a session that stops answering in the middle of a sentence, when the speaker pauses', async () => {
    await bench.says(2000);
    bench.session.hears('s1', 'hello', '');
    await bench.says(1000);
    await bench.fallsSilent(10_000);
    expect(bench.sessions).toHaveLength(2);
    bench.answers('1', 'hello world');
    await bench.passTime(5000);
    expect(finals(bench.originals)).toEqual(['u1 hello world.']);
  });

  it('tells readers what the service will not translate, and does not replay it', async () => {
    await bench.says(1000);
    bench.session.hears('s1', 'bad', '');
    bench.session.refuses(new TranslationError('content', 'DataInspectionFailed', 'it will not say this'));
    expect(bench.translations).toMatchObject([{ final: true, contentFiltered: true }]);
    bench.session.ends(lost);
    await bench.says(200);
    await bench.passTime(1000);
    expect(frames(bench.session)).toEqual(Array.from({ length: 10 }, (_, i) => i + 51));
    expect(bench.states).toContain('listening: it will not say this');
  });

  it.each(['config', 'account'] as const)(
    'translates again once the service, which denied it, grants sessions again (%s)',
    async (errorClass) => {
      await bench.says(100);
      bench.session.ends(new TranslationError(errorClass, 'no', 'the key is wrong'));
      await bench.says(1000);
      await bench.fallsSilent(60_000);
      expect(bench.sessions, 'nobody speaks').toHaveLength(1);
      await bench.says(1000);
      expect(bench.sessions).toHaveLength(2);
      bench.answers('1', 'hello world');
      await bench.fallsSilent(5000);
      expect(finals(bench.originals).at(-1)).toContain('hello world.');
    },
  );

  describe('changes its session for one of another kind', () => {
    const other: SessionOptions = { source: 'en', target: 'es', audio: true, voice: 'Nofish' };

    it('at the next pause, while the old session finishes its speech', async () => {
      await bench.says(1000);
      bench.interpretation.updateSettings({ sessionOptions: other, originals: true, hasCaptionSubscribers: true });
      await bench.says(200);
      expect(bench.sessions).toHaveLength(1);
      await bench.fallsSilent();
      await bench.says(200);
      expect(bench.sessions.map(({ options }) => options.voice)).toEqual([undefined, 'Nofish']);
      const [old] = bench.sessions;
      expect(frames(bench.session)[0]).toBe(61);
      if (old) bench.answers('1', 'old', old);
      bench.answers('1', 'new');
      expect(finals(bench.translations)).toEqual(['u2 [old].', 'u4 [new].']);
    });
  });

  describe('when the speaker has left', () => {
    it('waits for the answers to what was said before it closes', async () => {
      await bench.says(1000);
      const finished = bench.interpretation.finish();
      await bench.passTime(500);
      bench.answers('1', 'goodbye');
      await bench.passTime(2000);
      await finished;
      expect(finals(bench.translations)).toEqual(['u2 [goodbye].']);
      expect(bench.sessions).toHaveLength(1);
    });

    it('closes after 22 s although no answers come', async () => {
      bench.opens = false;
      await bench.says(1000);
      let finished = false;
      void bench.interpretation.finish().then(() => {
        finished = true;
      });
      await bench.passTime(21_000);
      expect(finished).toBe(false);
      await bench.passTime(1500);
      expect(finished).toBe(true);
    });

    it('finishes at once where no turn is open', async () => {
      await bench.interpretation.finish();
      expect(bench.clock.pending).toBe(0);
    });
  });

  describe('when it is closed', () => {
    it('ends open captions once, and discards its session', async () => {
      await bench.says(100);
      bench.session.hears('s1', 'hello', '');
      bench.session.events.audio('t1', new Int16Array(480));
      bench.interpretation.close();
      bench.interpretation.close();
      expect(bench.session.finishes).toBe(1);
      expect(finals(bench.originals)).toEqual(['u1 hello.']);
      expect(bench.voices.at(-1)).toBe('u2 .');
    });

    it('opens no session any more', async () => {
      await bench.says(100);
      bench.session.ends(lost);
      bench.interpretation.close();
      await bench.says(1000);
      await bench.passTime(60_000);
      expect(bench.sessions).toHaveLength(1);
    });
  });
});
