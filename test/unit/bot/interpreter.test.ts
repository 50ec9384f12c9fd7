import type { ParticipantView } from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { resample } from '../../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../../audio/sample-rates.ts';
import { ScriptedRoom } from '../../../bench/support/scripted-room.ts';
import { humanSpeech } from '../../../bench/support/speech.ts';
import { listener, microphone, person } from '../../../bench/support/views.ts';
import { AdmissionControl } from '../../../bot/demand/admission-control.ts';
import { Interpreter, type InterpreterOptions } from '../../../bot/interpreter.ts';
import type { PlayoutSettings } from '../../../bot/publications.ts';
import { TranslationError } from '../../../bot/session/translation-session.ts';
import { type Model, offline, qwen3 } from '../../../config/models.ts';
import { FakeClock } from '../../../time/fake-clock.ts';
import { inRoom, louder, together } from '../../support/echo.ts';
import { randomPackets, wellFormedPackets } from '../../support/garbage.ts';
import { type ScriptedSession, ScriptedSessions } from '../../support/scripted-session.ts';
import { testSeed } from '../../support/seed.ts';
import { tone } from '../../support/sound.ts';
import { until } from '../../support/until.ts';

const SESSION_IDLE_TIMEOUT_MS = 30_000;
const lost = new TranslationError('transient', 'lost', 'the service hung up');

class Meeting {
  readonly clock = new FakeClock();
  readonly room: ScriptedRoom;
  readonly sessions = new ScriptedSessions({ readies: true });
  readonly interpreter: Interpreter;

  constructor(
    participants: readonly ParticipantView[],
    model: Model = qwen3,
    playout: Partial<PlayoutSettings> = {},
    more: Partial<InterpreterOptions> = {},
  ) {
    this.room = new ScriptedRoom(this.clock, ...participants);
    this.interpreter = new Interpreter({
      connection: this.room,
      openSession: this.sessions.open,
      model,
      languages: 'auto',
      sessionIdleTimeoutMs: SESSION_IDLE_TIMEOUT_MS,
      playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1, ...playout },
      clock: this.clock,
      log: pino({ level: 'silent' }),
      ...more,
    });
  }

  /** Somebody comes, or changes. */
  async has(...participants: ParticipantView[]): Promise<void> {
    for (const participant of participants) this.room.participants.set(participant.id, participant);
    await this.settles();
  }

  async leaves(...ids: string[]): Promise<void> {
    for (const id of ids) this.room.participants.delete(id);
    await this.settles();
  }

  /** What was set off has been done: decoders are made, tracks opened. */
  async settles(): Promise<void> {
    this.interpreter.reconcile();
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.clock.advance(0);
    }
  }

  async passTime(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.clock.advance(100);
      for (let i = 0; i < 8; i++) await Promise.resolve();
    }
  }

  states(language: string): string[] {
    return this.room
      .messages(language)
      .flatMap((message) => (message.type === 'status' ? [`${message.speaker.id} ${message.state}`] : []));
  }
}

/** What a session was sent that is not silence of ours. */
const voicedMs = (session: ScriptedSession | undefined): number =>
  (session?.sent ?? [])
    .filter((samples) => samples.some((sample) => sample !== 0))
    .reduce((sum, { length }) => sum + length / 16, 0);

describe('Interpreter', () => {
  const meetings: Meeting[] = [];
  afterEach(() => {
    for (const { interpreter } of meetings.splice(0)) interpreter.close();
  });
  const meeting = async (
    participants: readonly ParticipantView[],
    model?: Model,
    playout?: Partial<PlayoutSettings>,
    more?: Partial<InterpreterOptions>,
  ): Promise<Meeting> => {
    const held = new Meeting(participants, model, playout, more);
    meetings.push(held);
    await held.settles();
    return held;
  };
  const reader = (language: string) => listener(`reads-${language}`, { reads: [language] });
  const hearer = (language: string) => listener(`hears-${language}`, { hears: language });

  it('requests the configured voice and terms of a language, and none for others', async () => {
    const wishes = { es: { voice: 'Dylan', hotwords: { Booth: 'Cabina' } } };
    const held = await meeting([person('ann'), hearer('es'), hearer('fr')], qwen3, undefined, {
      languageSettings: wishes,
    });
    await held.room.says('ann', 500);
    expect(held.sessions.into('es')[0]?.options).toMatchObject(wishes.es);
    expect(held.sessions.into('fr')[0]?.options).not.toHaveProperty('hotwords');
    expect(held.sessions.into('fr')[0]?.options).not.toHaveProperty('voice');
  });

  it('tells who came last that they are only read, then that they wait, while its thread is overloaded', async () => {
    const clock = new FakeClock();
    let busyShare = 0.5;
    const admissionControl = new AdmissionControl({ clock, busyShare: () => busyShare });
    const speakers = Array.from({ length: 10 }, (_, i) => person(`speaker-${i}`));
    const held = await meeting([...speakers, hearer('es'), reader('es')], qwen3, undefined, { admissionControl });
    const pass = async (ticks: number) => {
      for (let i = 0; i < ticks; i++) clock.advance(3000);
      await held.settles();
    };
    const isHeard = async (speaker: string) => {
      const before = held.sessions.into('es').map(voicedMs);
      await held.room.says(speaker, 500);
      return held.sessions.into('es').find((session, i) => voicedMs(session) > (before[i] ?? 0))?.options.audio;
    };
    const latest = (speaker: string) => held.states('es').findLast((state) => state.startsWith(`${speaker} `));

    busyShare = 1;
    await pass(2);
    expect(await isHeard('speaker-9')).toBe(false);
    expect(await isHeard('speaker-0')).toBe(true);
    expect(held.room.messages('es')).toContainEqual(
      expect.objectContaining({ type: 'status', message: expect.stringContaining('captions only, until') }),
    );

    await pass(1);
    expect(latest('speaker-9')).toBe('speaker-9 waiting');
    expect(latest('speaker-0')).not.toBe('speaker-0 waiting');
    expect(held.room.listeningTo).not.toContain('mic-speaker-9');
    expect(held.room.listeningTo).toContain('mic-speaker-0');

    busyShare = 0.5;
    await pass(8);
    expect(held.room.listeningTo).toContain('mic-speaker-9');
    expect(latest('speaker-9')).not.toBe('speaker-9 waiting');
  });

  it('finishes a sentence on its session when listeners change, and changes the session after it', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    await held.room.says('ann', 1000);
    await held.has(hearer('es'));
    await held.room.says('ann', 500);
    const [written] = held.sessions.all;
    expect(written?.sentMs).toBe(1500);
    await held.passTime(4000);
    await held.room.says('ann', 500);
    const spoken = held.sessions.into('es').find(({ options }) => options.audio);
    expect(spoken?.sentMs).toBe(500);
    expect(voicedMs(written)).toBe(1500);
  });

  it('finishes a sentence although its last reader leaves', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    await held.room.says('ann', 1000);
    await held.leaves('reads-es');
    await held.room.says('ann', 500);
    await held.passTime(2000);
    expect(voicedMs(held.sessions.last)).toBe(1000);
    held.sessions.last.says('t1', 'hola', true);
    expect(held.room.messages('es').at(-1)).toMatchObject({ type: 'caption', stable: 'hola', final: true });
  });

  it('receives nobody and publishes nothing while nobody wants a translation', async () => {
    const { room, sessions } = await meeting([person('ann'), person('bob')]);
    expect(room.listeningTo).toEqual([]);
    expect([...room.channels, ...room.captions, ...sessions.all]).toEqual([]);
  });

  it('logs how much it interpreted of whom by their ids, and no name', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const named = { ...person('ann'), name: 'Ann of the Long Name' };
    const held = await meeting([named, reader('es')], qwen3, undefined, { log });
    await held.room.says('ann', 1000);
    held.sessions.last.says('t1', 'hola', true);
    held.sessions.last.ends(lost);
    held.interpreter.close();
    const closed = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'interpreter closed');
    expect(closed?.interpretations).toMatchObject([{ speaker: 'ann', language: 'es' }]);
    expect(lines.join('')).not.toContain(named.name);
  });

  it('logs once that the engine is behind, by its name, and once that it is not any more', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const held = await meeting([person('ann'), reader('es')], offline, undefined, { log });
    await held.room.says('ann', 300);
    for (const ms of [5000, 10_000, 15_000, 20_000, 500]) held.sessions.last.events.backlog?.(ms, 0);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'interpretation impaired', reason: expect.stringContaining('The offline engine cannot keep up') },
      { msg: 'interpretation goes on', speaker: 'ann', target: 'es' },
    ]);
    const told = held.room.messages('es').filter((one) => one.type === 'status' && one.state === 'waiting');
    expect(told).toMatchObject([{ reason: 'behind' }]);
  });

  it('publishes captions and voice of what is said', async () => {
    const { room, sessions, clock } = await meeting([person('ann'), hearer('es'), reader('es'), reader('en')]);
    expect(room.listeningTo).toEqual(['mic-ann']);
    await room.says('ann', 1000);
    expect(sessions.last.sentMs).toBe(1000);
    sessions.last.hears('s1', 'hello', '', true);
    sessions.last.says('t1', 'hola', true, 's1');
    sessions.last.events.audio('t1', tone(200, 500, 24_000));
    sessions.last.events.audioEnd('t1');
    await until(() => clock.pending > 0);
    clock.advance(1000);
    const speaker = { id: 'ann', name: 'ANN' };
    expect(room.messages('en')).toMatchObject([
      { type: 'caption', kind: 'original', stable: 'hello', final: true, speaker },
    ]);
    const spanish = room.messages('es').filter(({ type }) => type !== 'status');
    expect(spanish).toMatchObject([
      { type: 'caption', kind: 'translation', stable: 'hola', final: true, speaker },
      { type: 'playout', state: 'started', speaker },
      { type: 'playout', state: 'ended', speaker },
    ]);
    expect(new Set(spanish.map((message) => 'utterance' in message && message.utterance)).size).toBe(1);
    expect(room.channels).toMatchObject([{ language: 'es', packets: 25 }]);
  });

  it('names speakers as they are called at the moment', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    await held.room.says('ann', 1000);
    held.sessions.last.says('t1', 'hola', true, 's1');
    await held.has({ ...person('ann'), name: 'Anna' });
    held.sessions.last.says('t2', 'adiós', true, 's2');
    await held.settles();
    const names = held.room.messages('es').flatMap((one) => (one.type === 'caption' ? [one.speaker.name] : []));
    expect(new Set(names)).toEqual(new Set(['ANN', 'Anna']));
    expect(names.at(-1)).toBe('Anna');
  });

  describe('where another interpreter provides a language', () => {
    const other = (id: string, ...languages: string[]) => {
      const booth = (language: string) => ({ role: 'captions' as const, language, interpreter: id });
      const dataProducers = languages.map((one) => ({ id: `${id}-${one}`, label: 'captions', booth: booth(one) }));
      return listener(id, { kind: 'interpreter', dataProducers });
    };

    it('defers it: opens no session, receives nobody and publishes nothing', async () => {
      const { room, sessions } = await meeting([other('zoe', 'es'), person('ann'), reader('es')]);
      expect(room.listeningTo).toEqual([]);
      expect([...room.channels, ...room.captions, ...sessions.all]).toEqual([]);
    });

    it('provides the other languages', async () => {
      const { room } = await meeting([other('zoe', 'es'), person('ann'), reader('es'), reader('fr')]);
      expect(room.captions.map(({ language }) => language)).toEqual(['fr']);
    });

    it.each([
      ['leaves', async (held: Meeting) => held.leaves('zoe')],
      ['stops publishing it', async (held: Meeting) => held.has(other('zoe'))],
    ])('takes over at once when it %s', async (_, ends) => {
      const held = await meeting([other('zoe', 'es'), person('ann'), reader('es')]);
      await ends(held);
      await held.room.says('ann', 1000);
      expect(held.sessions.last.sentMs).toBe(1000);
      held.sessions.last.says('t1', 'hola', true);
      expect(held.room.messages('es')).toContainEqual(expect.objectContaining({ type: 'caption', stable: 'hola' }));
    });

    it.each([
      { id: 'aaa', goesOn: false },
      { id: 'zoe', goesOn: true },
    ])('goes on against one that began at the same time by the order of their ids: $id', async ({ id, goesOn }) => {
      const held = await meeting([person('ann'), listener('bob', { hears: 'es' })]);
      await held.has(other(id, 'es'));
      expect(held.room.captions.map(({ closed }) => closed)).toEqual([!goesOn]);
      expect(held.room.channels.map(({ closed }) => closed)).toEqual([!goesOn]);
      await held.room.says('ann', 1000);
      expect(held.sessions.all.some(({ sentMs }) => sentMs > 0)).toBe(goesOn);
    });
  });

  describe('where somebody listens to a channel from a loudspeaker', () => {
    const loudspeaker = async () => {
      const bob = person('bob', { speaks: 'es', hears: 'es' });
      const held = await meeting([person('ann', { hears: 'en' }), bob]);
      await held.room.says('ann', 1000);
      const { samples, sampleRate } = humanSpeech('demo-abouttotry');
      const voice = await resample(samples.subarray(0, 6 * sampleRate), sampleRate, VOICE_SAMPLE_RATE);
      return { held, voice, echo: inRoom(voice, VOICE_SAMPLE_RATE), intoEnglish: () => held.sessions.into('en') };
    };
    const says = ({ sessions }: Meeting, voice: Int16Array) => {
      const spanish = sessions.into('es').find(({ sentMs }) => sentMs > 0);
      spanish?.says('t1', 'hola', true);
      spanish?.events.audio('t1', voice);
      spanish?.events.audioEnd('t1');
    };

    it('does not interpret the echo in their microphone', async () => {
      const { held, voice, echo, intoEnglish } = await loudspeaker();
      says(held, voice);
      await held.room.sounds('bob', echo);
      expect(held.room.channels.find(({ language }) => language === 'es')?.packets).toBeGreaterThan(290);
      expect(intoEnglish().map(voicedMs)).toEqual(intoEnglish().map(() => 0));
      held.interpreter.close();
      expect(held.interpreter.echoMs).toBeGreaterThan(3000);
    });

    it('does not speak an echo that was recognized nevertheless', async () => {
      const { held, voice, intoEnglish } = await loudspeaker();
      const spanish = held.sessions.into('es').find(({ sentMs }) => sentMs > 0);
      spanish?.says('t1', 'hola a todos y bienvenidos al taller', true);
      spanish?.events.audio('t1', voice);
      await held.passTime(500);
      await held.room.says('bob', 2000);
      const english = intoEnglish().find(({ sentMs }) => sentMs > 0);
      const packets = () => held.room.channels.find(({ language }) => language === 'en')?.packets;
      english?.hears('s1', 'hola a todos y bienvenidos', '', true);
      english?.says('u1', 'hello everybody and welcome', true, 's1');
      english?.events.audio('u1', voice);
      english?.events.audioEnd('u1');
      await held.passTime(1000);
      expect(packets()).toBe(0);
      english?.hears('s2', 'muchas gracias por la invitación', '', true);
      english?.says('u2', 'thank you for inviting me', true, 's2');
      english?.events.audio('u2', voice);
      await held.passTime(1000);
      expect(packets()).toBeGreaterThan(40);
    });

    it('interprets the same words when they say them themselves', async () => {
      const { held, echo, intoEnglish } = await loudspeaker();
      await held.room.sounds('bob', echo);
      expect(Math.max(...intoEnglish().map(voicedMs))).toBeGreaterThan(4000);
      expect(held.interpreter.echoMs).toBe(0);
    });

    it('interprets what they say while the channel plays', async () => {
      const { held, voice, echo, intoEnglish } = await loudspeaker();
      const { samples, sampleRate } = humanSpeech('basic-pbx-ivr-main');
      const own = await resample(samples.subarray(0, 6 * sampleRate), sampleRate, VOICE_SAMPLE_RATE);
      says(held, voice);
      await held.room.sounds('bob', together(echo, louder(own, -6)));
      expect(Math.max(...intoEnglish().map(voicedMs))).toBeGreaterThan(4000);
    });
  });

  describe('with a track for each speaker', () => {
    const perSpeaker = { tracks: 'perSpeaker' as const };

    it('plays each speaker on their own track, at the same time', async () => {
      const held = await meeting([person('ann'), person('bob'), hearer('es')], qwen3, perSpeaker);
      const { room, sessions, clock } = held;
      expect(room.channels.map(({ language, speaker }) => [language, speaker])).toEqual([
        ['es', 'ann'],
        ['es', 'bob'],
      ]);
      for (const id of ['ann', 'bob']) {
        await room.says(id, 500);
        sessions.last.says(`t-${id}`, 'hola', true);
      }
      for (const [i, session] of sessions.all.filter(({ sentMs }) => sentMs > 0).entries()) {
        session.events.audio(`t-${['ann', 'bob'][i]}`, tone(200, 2000, 24_000));
        session.events.audioEnd(`t-${['ann', 'bob'][i]}`);
      }
      await until(() => clock.pending > 0);
      clock.advance(1000);
      const packets = room.channels.map(({ packets }) => packets);
      expect(Math.min(...packets)).toBeGreaterThanOrEqual(49);
      clock.advance(2000);
      expect(room.channels.map(({ packets }) => packets)).toEqual([100, 100]);
    });

    it('keeps the track of a speaker who changes their microphone', async () => {
      const held = await meeting([person('ann'), hearer('es')], qwen3, perSpeaker);
      await held.has(person('ann', { producers: [{ ...microphone('ann'), id: 'mic-ann-2' }] }));
      await held.passTime(40_000);
      await held.settles();
      expect(held.room.listeningTo).toEqual(['mic-ann-2']);
      expect(held.room.channels).toMatchObject([{ speaker: 'ann', closed: false }]);
    });

    it('closes the track of a speaker who has left, and no other', async () => {
      const held = await meeting([person('ann'), person('bob'), hearer('es')], qwen3, perSpeaker);
      await held.leaves('ann');
      await held.passTime(500);
      await held.settles();
      await held.passTime(500);
      expect(held.room.channels).toMatchObject([
        { speaker: 'ann', closed: true },
        { speaker: 'bob', closed: false },
      ]);
      await held.has(person('ann'));
      expect(held.room.channels.at(-1)).toMatchObject({ speaker: 'ann', closed: false });
    });
  });

  it('gives each speaker a voice of their own where several are configured, and all the same by default', async () => {
    const voicesOf = async (voices: number) => {
      const { room, sessions } = await meeting([person('ann'), person('bob'), hearer('fr')], qwen3, { voices });
      await room.says('ann', 500);
      await room.says('bob', 500);
      return new Set(sessions.all.filter(({ sentMs }) => sentMs > 0).map(({ options }) => options.voice));
    };
    expect(await voicesOf(1)).toEqual(new Set([undefined]));
    expect(await voicesOf(2)).toEqual(new Set(['Cherry', 'Nofish']));
  });

  it('opens the channels before the first word', async () => {
    const { room } = await meeting([person('ann'), hearer('es'), reader('en')]);
    expect(room.channels.map(({ language }) => language)).toEqual(['es']);
    expect(room.captions.map(({ language }) => language).sort()).toEqual(['en', 'es']);
  });

  it('receives a microphone once for all languages', async () => {
    const { room, sessions } = await meeting([person('ann'), hearer('es'), hearer('fr'), reader('de')]);
    expect(room.received).toHaveLength(1);
    await room.says('ann', 100);
    expect(sessions.all.map(({ options, sentMs }) => [options.target, options.audio, sentMs])).toEqual([
      ['de', false, 100],
      ['es', true, 100],
      ['fr', true, 100],
    ]);
  });

  it('does not decode packets whose audio level is silent, except the 400 ms before speech', async () => {
    const { room, sessions } = await meeting([person('ann'), reader('es')]);
    await room.says('ann', 1000, 127);
    expect(sessions.last.sentMs).toBe(0);
    await room.says('ann', 1000, 30);
    expect(sessions.last.sentMs).toBeCloseTo(1400, -2);
  });

  it.each([
    { what: 'random bytes', packets: randomPackets(testSeed, 500) },
    { what: 'random bytes in the form of SILK', packets: wellFormedPackets(testSeed, 500, 9) },
    { what: 'random bytes in the form of a hybrid', packets: wellFormedPackets(testSeed, 500, 15) },
    { what: 'random bytes in the form of CELT', packets: wellFormedPackets(testSeed, 500, 31) },
  ])('sends the service next to nothing of $what', async ({ packets }) => {
    const { room, sessions, clock } = await meeting([person('ann'), reader('es')]);
    for (const packet of packets) {
      room.sendPacket('ann', packet);
      clock.advance(20);
      for (let i = 0; i < 8; i++) await Promise.resolve();
    }
    clock.advance(60_000);
    // Before it is recognized, a second may pass for speech; the silence by which a service ends a sentence comes after it.
    const sentMs = sessions.all.reduce((sum, session) => sum + session.sentMs, 0);
    expect(sentMs).toBeLessThan(8000);
    expect(room.stats.at(-1)?.speakers[0]?.packets.garbage).toBeGreaterThan(0.7 * packets.length);
    // At most two seconds pass until the garbage has left the window, and two more until the sender is believed again.
    await room.says('ann', 8000);
    expect(
      sessions.all.reduce((sum, session) => sum + session.sentMs, -sentMs),
      'speech after it',
    ).toBeGreaterThanOrEqual(8000 - 4000);
  });

  it('sends no silence beyond the end of a sentence', async () => {
    const { room, sessions, clock } = await meeting([person('ann'), reader('es')]);
    clock.advance(60_000);
    expect(sessions.last.sentMs).toBe(0);
    await room.says('ann', 500);
    clock.advance(60_000);
    // The pause by which a service ends a sentence, three seconds more where it does not, and no more.
    expect(sessions.last.sentMs).toBeGreaterThanOrEqual(500 + 1500);
    expect(sessions.last.sentMs).toBeLessThanOrEqual(500 + 1700 + 3000);
  });

  it('stops at once when nobody wants a language any more, and keeps its session for a while', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    const { room, sessions, clock } = held;
    await held.leaves('reads-es');
    await room.says('ann', 1000);
    expect(sessions.last.sentMs).toBe(0);
    clock.advance(SESSION_IDLE_TIMEOUT_MS - 2000);
    expect(sessions.last.closes).toBe(0);
    await held.has(reader('es'));
    await room.says('ann', 100);
    expect(sessions.all).toHaveLength(1);
    expect(sessions.last.sentMs).toBeGreaterThanOrEqual(100);
  });

  it('releases session and microphone when nobody has wanted them for a while', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    const { room, sessions, clock } = held;
    await held.leaves('reads-es');
    clock.advance(SESSION_IDLE_TIMEOUT_MS);
    expect(sessions.last.finishes).toBe(1);
    expect(room.listeningTo).toEqual([]);
    await held.has(reader('es'));
    expect(room.listeningTo).toEqual(['mic-ann']);
    expect(sessions.all).toHaveLength(2);
  });

  it('publishes the rest of what a speaker said before they left', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    const { room, sessions } = held;
    await room.says('ann', 500);
    await held.leaves('ann');
    expect(room.listeningTo).toEqual([]);
    await held.passTime(1000);
    sessions.last.hears('s1', 'goodbye', '', true);
    sessions.last.says('t1', 'adiós', true, 's1');
    await held.passTime(3000);
    expect(room.messages('es').at(-1)).toMatchObject({ type: 'caption', stable: 'adiós', final: true });
    expect(sessions.all).toHaveLength(1);
    expect(sessions.last.finishes, 'the next may have it').toBe(0);
  });

  it('stops at once when a speaker does not want to be interpreted any more', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    await held.room.says('ann', 500);
    await held.has(person('ann', { interpret: false }));
    expect(held.room.listeningTo).toEqual([]);
    expect(held.sessions.last.finishes).toBe(1);
    await held.passTime(2000);
    expect(held.sessions.last.sentMs).toBe(500);
    held.sessions.last.says('t1', 'hola', true);
    expect(held.room.messages('es').filter(({ type }) => type === 'caption')).toEqual([]);
  });

  it('follows a speaker to another microphone and another language', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    await held.has(person('ann', { producers: [{ ...microphone('ann'), id: 'mic-2' }] }));
    expect(held.room.listeningTo).toEqual(['mic-2']);
    await held.has(person('ann', { speaks: 'fr', producers: [{ ...microphone('ann'), id: 'mic-2' }] }));
    expect(held.sessions.last.options).toMatchObject({ source: 'fr', target: 'es' });
    expect(held.room.listeningTo).toEqual(['mic-2']);
  });

  it('opens another session, with a voice, for the first who hears what was only read', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    await held.has(hearer('es'));
    expect(held.sessions.into('es').map(({ options }) => options.audio)).toEqual([false, true]);
    await held.room.says('ann', 100);
    expect(held.sessions.into('es').map(({ sentMs }) => sentMs > 0)).toEqual([false, true]);
  });

  it('does not affect other speakers when the session of one is lost', async () => {
    const { room, sessions } = await meeting([person('ann'), person('bob'), reader('es')]);
    await room.says('ann', 200);
    await room.says('bob', 200);
    const [ofAnn, ofBob] = sessions.all;
    ofAnn?.hears('s1', 'hello');
    ofAnn?.says('t1', 'hola', false, 's1');
    ofAnn?.ends(lost);
    ofBob?.says('t1', 'buenas', true);
    const captions = room
      .messages('es')
      .flatMap((message) =>
        message.type === 'caption' ? [`${message.speaker.id} ${message.stable}${message.final ? '.' : ''}`] : [],
      );
    expect(captions).toEqual(['ann hola', 'bob buenas.']);
  });

  describe('heals by itself, and says so meanwhile', () => {
    const TRIED_AGAIN = 'Booth tries again by itself.';
    const statuses = ({ room }: Meeting, language: string) =>
      room
        .messages(language)
        .flatMap((one) => (one.type === 'status' ? [`${one.state}${one.message ? `: ${one.message}` : ''}`] : []));

    it('when a microphone could not be received; others are not affected', async () => {
      const held = new Meeting([person('ann'), person('bob'), reader('es')]);
      meetings.push(held);
      held.room.broken.add('mic-ann');
      await held.settles();
      expect(held.room.listeningTo).toEqual(['mic-bob']);
      expect(statuses(held, 'es')).toContain(
        `reconnecting: The microphone of ANN does not reach the interpreter. ${TRIED_AGAIN}`,
      );
      await held.passTime(60_000);
      held.room.broken.clear();
      await held.passTime(30_000);
      expect(held.room.listeningTo).toEqual(['mic-bob', 'mic-ann']);
      expect(held.states('es').at(-1)).toBe('ann listening');
      await held.room.says('ann', 1000);
      expect(held.sessions.all.map(({ sentMs }) => sentMs)).toContain(1000);
    });

    it('when the server ceased to send a microphone', async () => {
      const held = await meeting([person('ann'), reader('es')]);
      held.room.received[0]?.lose();
      expect(held.room.listeningTo).toEqual([]);
      await held.passTime(1000);
      expect(held.room.listeningTo).toEqual(['mic-ann']);
    });

    it('when the audio channel of a language could not be published; its captions go on', async () => {
      const held = new Meeting([person('ann'), hearer('es'), hearer('fr')]);
      meetings.push(held);
      held.room.broken.add('es');
      await held.settles();
      expect(held.room.channels.map(({ language }) => language)).toEqual(['fr']);
      expect(statuses(held, 'es').at(-1)).toBe(
        `reconnecting: The audio channel in Spanish could not be opened: captions only. ${TRIED_AGAIN}`,
      );
      await held.room.says('ann', 1000);
      const spanish = held.sessions.into('es').find(({ sentMs }) => sentMs > 0);
      spanish?.hears('s1', 'hello');
      spanish?.says('t1', 'hola', true, 's1');
      expect(held.room.messages('es').at(-1)).toMatchObject({ type: 'caption', stable: 'hola' });
      held.room.broken.clear();
      await held.passTime(30_000);
      await held.settles();
      expect(held.room.channels.map(({ language }) => language)).toEqual(['fr', 'es']);
      expect(held.states('es').at(-1)).toMatch(/^ann (listening|translating)$/);
      await held.room.says('ann', 1000);
      const again = held.sessions.into('es').at(-1);
      again?.says('t2', 'hola', true);
      again?.events.audio('t2', tone(200, 500, 24_000));
      again?.events.audioEnd('t2');
      await held.passTime(1000);
      expect(held.room.channels.find(({ language }) => language === 'es')?.packets).toBe(25);
    });

    it('when the captions of a language could not be published, which the server is told', async () => {
      const held = await meeting([person('ann'), reader('es'), reader('fr')]);
      const spanish = held.room.captions.find(({ language }) => language === 'es');
      spanish?.events?.failed(new Error('the server does not answer'), 1000);
      await held.passTime(5000);
      expect(held.room.stats.at(-1)?.unreadable).toEqual(['es']);
      spanish?.events?.opened();
      await held.passTime(5000);
      expect(held.room.stats.at(-1)).not.toHaveProperty('unreadable');
    });

    it('when the service denied sessions, before anybody speaks', async () => {
      const held = await meeting([person('ann'), reader('es')]);
      const unpaid = 'The translation service at there reports an unpaid bill. Settle it.';
      held.sessions.last.ends(new TranslationError('account', 'Arrearage', unpaid));
      await held.settles();
      expect(statuses(held, 'es').at(-1)).toBe(`unavailable: ${unpaid} ${TRIED_AGAIN}`);
      await held.passTime(60_000);
      expect(held.sessions.all).toHaveLength(2);
      expect(held.states('es').at(-1)).toBe('ann listening');
      await held.room.says('ann', 1000);
      expect(held.sessions.last.sentMs).toBe(1000);
    });
  });

  it('reports an unavailable translation once, in its caption channel', async () => {
    const held = await meeting([person('ann'), hearer('fr')], offline);
    await held.settles();
    expect(held.room.messages('fr')).toMatchObject([
      {
        type: 'status',
        state: 'unavailable',
        speaker: { id: 'ann', name: 'ANN' },
        message: 'The offline engine does not translate English into French.',
        listeners: 1,
      },
    ]);
    expect(held.room.listeningTo).toEqual([]);
  });

  it('sends newcomers no status of a speaker who has left and was never interpreted', async () => {
    const held = await meeting([person('ann'), hearer('fr')], offline);
    await held.leaves('ann');
    const before = held.room.messages('fr').length;
    await held.has({ ...reader('fr'), id: 'late' });
    await held.passTime(10_000);
    expect(held.room.messages('fr').slice(before)).toEqual([]);
  });

  it('sends a status when it changes, and again when the speaker comes back', async () => {
    const held = await meeting([person('ann'), reader('es')]);
    await held.room.says('ann', 200);
    held.sessions.last.hears('s1', 'hello');
    held.sessions.last.hears('s1', 'hello there');
    held.sessions.last.hears('s1', 'hello there', '', true);
    expect(held.states('es')).toEqual(['ann listening', 'ann translating', 'ann listening']);
    await held.leaves('ann');
    await held.passTime(10_000);
    const before = held.states('es').length;
    await held.has(person('ann'));
    expect(held.states('es').slice(before)).toEqual(['ann listening']);
  });

  it('repeats the statuses for newcomers once they have found the channel', async () => {
    const held = await meeting([person('ann'), reader('es'), reader('fr')]);
    await held.passTime(5000);
    expect(held.states('es'), 'the first readers came later, too').toEqual(['ann listening', 'ann listening']);
    await held.has(hearer('es'));
    expect(held.states('es')).toHaveLength(2);
    await held.passTime(3000);
    expect(held.states('es')).toEqual(Array(3).fill('ann listening'));
    expect(held.states('fr')).toHaveLength(2);
    await held.leaves('hears-es');
    await held.passTime(10_000);
    expect(held.states('es'), 'nobody came').toHaveLength(3);
  });

  it('reports that the service refuses once, before the first word', async () => {
    const held = await meeting([person('ann'), reader('es'), reader('fr')]);
    const message = 'The translation service at there refused the API key. Check DASHSCOPE_API_KEY.';
    held.sessions.all[0]?.ends(new TranslationError('account', 'InvalidApiKey', message));
    await held.settles();
    await held.room.says('ann', 500);
    await held.settles();
    for (const language of ['es', 'fr']) {
      const statuses = held.room.messages(language).filter(({ type }) => type === 'status');
      expect(statuses.slice(1)).toMatchObject([
        { state: 'unavailable', message: `${message} Booth tries again by itself.`, reason: 'serviceRefused' },
      ]);
    }
  });

  it('reports that a language the model only writes has no voice', async () => {
    const held = await meeting([person('ann'), hearer('ar'), reader('es')]);
    const message = `${qwen3.id} writes "ar" and does not say it: captions only.`;
    expect(held.room.messages('ar')).toMatchObject([{ type: 'status', state: 'listening', message }]);
    expect(held.room.messages('es')).toMatchObject([{ type: 'status', state: 'listening' }]);
    expect(held.room.messages('es')[0]).not.toHaveProperty('message');
    await held.room.says('ann', 300);
    held.sessions.into('ar')[0]?.hears('s1', 'hello');
    expect(held.room.messages('ar').at(-1)).toMatchObject({ state: 'translating', message });
  });

  it('closes all that it opened, and opens nothing more', async () => {
    const held = await meeting([person('ann'), person('bob', { speaks: 'fr' }), hearer('es'), reader('original')]);
    const { room, sessions, interpreter, clock } = held;
    await room.says('ann', 200);
    interpreter.close();
    interpreter.close();
    expect(room.listeningTo).toEqual([]);
    expect(sessions.all.map(({ closes }) => closes)).toEqual(sessions.all.map(() => 1));
    expect([...room.channels, ...room.captions].every(({ closed }) => closed)).toBe(true);
    expect(clock.pending).toBe(0);
    await held.has(person('zoe', { speaks: 'de' }));
    expect(room.received).toHaveLength(2);
  });

  it('closes what it was still opening', async () => {
    const held = new Meeting([person('ann'), hearer('es')]);
    held.interpreter.reconcile();
    await Promise.resolve();
    await Promise.resolve();
    held.interpreter.close();
    await held.settles();
    expect(held.room.listeningTo).toEqual([]);
    expect([...held.room.channels, ...held.room.captions].every(({ closed }) => closed)).toBe(true);
    expect(held.sessions.all.every(({ closes }) => closes === 1)).toBe(true);
    expect(held.clock.pending).toBe(0);
  });
});
