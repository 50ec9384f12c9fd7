import { describe, expect, it, onTestFinished } from 'vitest';
import { OPUS_FRAME_MS, OPUS_FRAME_SAMPLES } from '../../../../audio/opus-codec.ts';
import { resample } from '../../../../audio/resample.ts';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { ScriptedRoom } from '../../../../bench/support/scripted-room.ts';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import { humanSpeech } from '../../../../bench/support/speech.ts';
import type { WantedInterpretation } from '../../../../bot/demand/demand.ts';
import { FarEndReference } from '../../../../bot/incoming/echo/far-end-reference.ts';
import { Speaker } from '../../../../bot/incoming/speaker.ts';
import { SileroVoiceActivityDetector } from '../../../../bot/incoming/voice-activity-detector.ts';
import { Interpretation } from '../../../../bot/interpretation/interpretation.ts';
import { SourceUtteranceIndex } from '../../../../bot/interpretation/source-utterance-index.ts';
import { unlimitedConnections } from '../../../../bot/session/connection-limiter.ts';
import { SessionPool } from '../../../../bot/session/session-pool.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { inRoom } from '../../../support/echo.ts';
import { type ScriptedSession, ScriptedSessions } from '../../../support/scripted-session.ts';
import { chunks, joined } from '../../../support/sound.ts';
import { until } from '../../../support/until.ts';

const view = { id: 'ann', name: 'Ann' };
const producerId = 'mic-ann';
/** Too quiet to be speech: in −dBov. */
const MUTED = 127;
const LOUD = 30;

const into = (target: string): WantedInterpretation => ({
  speaker: view.id,
  producerId,
  source: 'en',
  target,
  audio: true,
  originals: target === 'es',
  hasCaptionSubscribers: true,
});

/** A speaker with real decoder, detector, echo suppressor, interpretations and session pool, in fake time. */
class SpeakerBench {
  readonly clock = new FakeClock();
  readonly room = new ScriptedRoom(this.clock);
  readonly sessions = new ScriptedSessions({ readies: true });
  readonly created: string[] = [];
  readonly updated: string[] = [];
  readonly speaking: boolean[] = [];
  readonly failures: unknown[] = [];
  readonly tooQuiet: boolean[] = [];
  readonly farEnd: FarEndReference[] = [];
  idles = 0;
  receivings = 0;
  readonly speaker: Speaker;
  #utterances = 0;

  constructor({ isBroken = false } = {}) {
    if (isBroken) this.room.broken.add(producerId);
    const { clock } = this;
    const pool = new SessionPool({
      openSession: this.sessions.open,
      connectionLimiter: unlimitedConnections,
      model: {},
      sessionIdleTimeoutMs: 240_000,
      clock,
      random: () => 1,
      log: silentLog,
    });
    const sourceUtterances = new SourceUtteranceIndex();
    this.speaker = new Speaker({
      view,
      producerId,
      connection: this.room,
      detector: new SileroVoiceActivityDetector(),
      clock,
      farEndReferences: () => this.farEnd,
      createInterpretation: ({ source, target, audio, originals, hasCaptionSubscribers }) => {
        this.created.push(target);
        return new Interpretation({
          speaker: view,
          settings: { sessionOptions: { source, target, audio }, originals, hasCaptionSubscribers },
          sourceUtterances,
          pool,
          catchUpRate: 1,
          emit: () => {},
          retractAudio: () => true,
          nextUtterance: () => `u${++this.#utterances}`,
          clock,
          roomNowMs: () => clock.now(),
          isEcho: () => false,
        });
      },
      updateInterpretation: (_, { target }) => this.updated.push(target),
      onSpeakingChanged: (isSpeaking) => this.speaking.push(isSpeaking),
      onTooQuiet: (isTooQuiet) => this.tooQuiet.push(isTooQuiet),
      onIdle: () => this.idles++,
      onReceiving: () => this.receivings++,
      onFailed: (error) => this.failures.push(error),
    });
    onTestFinished(() => {
      this.speaker.close();
      pool.close();
    });
  }

  static async open(): Promise<SpeakerBench> {
    const bench = new SpeakerBench();
    await until(() => bench.room.received.length > 0);
    return bench;
  }

  /** Fake time passes, and what was promised meanwhile happens. */
  async passTime(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 20) {
      this.clock.advance(20);
      for (let i = 0; i < 8; i++) await Promise.resolve();
    }
  }

  sentInto(target: string): Int16Array {
    return joined(this.sessions.into(target).flatMap(({ sent }: ScriptedSession) => sent));
  }
}

async function sentence(seconds: number): Promise<Int16Array> {
  const { samples, sampleRate } = humanSpeech('demo-abouttotry');
  return resample(samples.subarray(0, seconds * sampleRate), sampleRate, VOICE_SAMPLE_RATE);
}

const loudestIn = (samples: Int16Array): number =>
  samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

describe('Speaker', () => {
  it('sends speech to a session for each language that is wanted', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es'), into('fr')]);
    await bench.room.says('ann', 2000);
    expect(bench.created).toEqual(['es', 'fr']);
    expect(bench.sentInto('es').length).toBeGreaterThan(1.9 * SPEECH_SAMPLE_RATE);
    expect(bench.sentInto('fr')).toEqual(bench.sentInto('es'));
  });

  it('opens no session while nobody wants an interpretation, and reports speech all the same', async () => {
    const bench = await SpeakerBench.open();
    await bench.room.says('ann', 1000);
    expect(bench.sessions.all).toEqual([]);
    expect(bench.speaking).toEqual([true]);
  });

  it('does not let a muted microphone through', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    await bench.room.says('ann', 2000, MUTED);
    expect(bench.speaking).toEqual([]);
    expect(bench.sentInto('es')).toHaveLength(0);
  });

  it('keeps the first word, though its packets were too quiet to be decoded', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    const word = await sentence(2);
    const quiet = 0.3 * VOICE_SAMPLE_RATE;
    await bench.room.sounds('ann', new Int16Array(VOICE_SAMPLE_RATE), MUTED);
    await bench.room.sounds('ann', word.subarray(0, quiet), MUTED);
    await bench.room.sounds('ann', word.subarray(quiet), LOUD);
    expect(bench.sentInto('es').length).toBeGreaterThan(2 * SPEECH_SAMPLE_RATE);
  });

  it('sends a quiet voice as loud as another, and tells of it until it is louder', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    const loud = await sentence(6);
    await bench.room.sounds('ann', new Int16Array(OPUS_FRAME_SAMPLES), MUTED);
    await bench.room.sounds(
      'ann',
      loud.map((sample) => sample / 400),
      70,
    );
    expect(loudestIn(bench.sentInto('es'))).toBeGreaterThan(500);
    expect(bench.sentInto('es').length).toBeGreaterThan(5 * SPEECH_SAMPLE_RATE);
    expect(bench.tooQuiet).toEqual([true]);
    for (let i = 0; i < 3; i++) await bench.room.sounds('ann', loud, LOUD);
    expect(bench.tooQuiet).toEqual([true, false]);
  });

  it('takes back that a speaker is too quiet when they leave', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    await bench.room.sounds('ann', new Int16Array(OPUS_FRAME_SAMPLES), MUTED);
    await bench.room.sounds(
      'ann',
      (await sentence(6)).map((sample) => sample / 400),
      70,
    );
    bench.speaker.close();
    expect(bench.tooQuiet).toEqual([true, false]);
  });

  it('stops speaking when a sender that sends nothing in silence falls silent', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    await bench.room.says('ann', 1000);
    await bench.passTime(1700);
    expect(bench.speaking).toEqual([true]);
    await bench.passTime(300);
    expect(bench.speaking).toEqual([true, false]);
    const end = bench.sentInto('es').subarray(-SPEECH_SAMPLE_RATE);
    expect(loudestIn(end)).toBe(0);
  });

  it('silences the echo of the channel that the speaker listens to', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    const voice = await sentence(6);
    const channel = new FarEndReference();
    bench.farEnd.push(channel);
    for (const [i, frame] of [...chunks(voice, OPUS_FRAME_SAMPLES)].entries())
      bench.clock.after(i * OPUS_FRAME_MS, () => channel.push(frame, bench.clock.now()));
    await bench.room.sounds('ann', inRoom(voice, VOICE_SAMPLE_RATE));
    expect(bench.speaker.echoMs).toBeGreaterThan(3000);
    expect(loudestIn(bench.sentInto('es'))).toBe(0);
  });

  it('creates an interpretation once, updates it while it is wanted, and sends it nothing after that', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    bench.speaker.reconcile([into('es'), into('fr')]);
    expect([bench.created, bench.updated]).toEqual([['es', 'fr'], ['es']]);
    await bench.room.says('ann', 1000);
    bench.speaker.reconcile([into('fr')]);
    await bench.passTime(100);
    const before = bench.sentInto('es').length;
    await bench.room.says('ann', 1000);
    expect(bench.sentInto('fr').length).toBeGreaterThan(1.9 * SPEECH_SAMPLE_RATE);
    expect(loudestIn(bench.sentInto('es').subarray(before))).toBe(0);
  });

  it('offers the sessions that are sent the speech as image sinks', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    expect(bench.speaker.imageSinks).toEqual([]);
    await bench.room.says('ann', 1000);
    const [imageSink] = bench.speaker.imageSinks;
    imageSink?.sendImage(Uint8Array.of(1));
    expect(bench.sessions.last.images).toEqual([Uint8Array.of(1)]);
  });

  it('reports that nobody wants the speaker after 30 s, and not before', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    bench.speaker.reconcile([]);
    bench.clock.advance(29_999);
    expect(bench.idles).toBe(0);
    bench.clock.advance(1);
    expect(bench.idles).toBe(1);
  });

  it('does not become idle if somebody wants the speaker again in time', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([]);
    bench.clock.advance(20_000);
    bench.speaker.reconcile([into('es')]);
    bench.clock.advance(60_000);
    expect(bench.idles).toBe(0);
  });

  it('stops receiving when it finishes, and waits for the translation of what was said', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    await bench.room.says('ann', 1000);
    let hasFinished = false;
    const finishing = bench.speaker.finish().then(() => {
      hasFinished = true;
    });
    expect(bench.room.received.map(({ closed }) => closed)).toEqual([true]);
    expect(bench.speaking).toEqual([true, false]);
    await bench.passTime(500);
    expect(hasFinished).toBe(false);
    const session = bench.sessions.last;
    session.hears('s1', 'hello', '', true);
    session.says('t1', 'hola', true, 's1');
    session.events.audioEnd('t1');
    await bench.passTime(22_000);
    await finishing;
    expect(bench.speaker.imageSinks).toEqual([]);
  });

  it('ends everything at once when it is closed, any number of times', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    await bench.room.says('ann', 1000);
    bench.speaker.close();
    bench.speaker.close();
    expect(bench.room.received.map(({ closed }) => closed)).toEqual([true]);
    expect(bench.speaking).toEqual([true, false]);
    const before = bench.sentInto('es').length;
    await bench.room.says('ann', 1000);
    expect(bench.sentInto('es')).toHaveLength(before);
  });

  it('receives a microphone that could not be received as soon as it can, without anything else changing', async () => {
    const bench = new SpeakerBench({ isBroken: true });
    bench.speaker.reconcile([into('es')]);
    await until(() => bench.failures.length > 0);
    expect(bench.speaker.receiveFailed).toBe(true);
    await bench.passTime(60_000);
    expect(bench.failures.length, 'with a pause that doubles').toBeLessThanOrEqual(8);
    bench.room.broken.clear();
    await bench.passTime(30_000);
    expect([bench.speaker.receiveFailed, bench.receivings]).toEqual([false, 1]);
    await bench.room.says('ann', 1000);
    expect(loudestIn(bench.sentInto('es'))).toBeGreaterThan(1000);
  });

  it('receives a microphone again that the server ceased to send, though its packets are numbered anew', async () => {
    const bench = await SpeakerBench.open();
    bench.speaker.reconcile([into('es')]);
    await bench.room.says('ann', 1000);
    bench.room.received[0]?.lose();
    await bench.passTime(1000);
    expect(bench.room.listeningTo).toEqual(['mic-ann']);
    const before = bench.sentInto('es').length;
    bench.room.numbersAnew('ann');
    await bench.room.says('ann', 1000);
    expect(bench.sentInto('es').length - before).toBeGreaterThan(0.9 * SPEECH_SAMPLE_RATE);
  });

  it('receives nothing if it is closed while its decoder is being created', async () => {
    const bench = new SpeakerBench();
    bench.speaker.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.room.listeningTo).toEqual([]);
    expect(bench.failures).toEqual([]);
  });
});
