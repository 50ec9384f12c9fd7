/** What interpreters took, from their report over a real socket to REST, and the budgets that bound them. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AccountUsage,
  type BudgetNotice,
  InterpreterView,
  LanguagesResponse,
  RoomUsage,
} from '@mediasoup-booth/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { resample } from '../../audio/resample.ts';
import { silentLog } from '../../bench/support/silent-log.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { keepInterpreting } from '../../bot/process/keep-interpreting.ts';
import { boothRoom } from '../../bot/room/booth-room.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { openUsageStore } from '../../cli/data-folder-stores.ts';
import { qwen3 } from '../../config/models.ts';
import { type ServerOptions, startServer } from '../../server/server.ts';
import { systemClock } from '../../time/clock.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { ScriptedSessions } from '../support/scripted-session.ts';
import {
  call,
  join as enter,
  interpreter,
  person,
  startTestServer,
  type TestServer,
  tokenOf,
} from '../support/server.ts';
import { until } from '../support/until.ts';
import { prices, unbounded } from '../support/usage-accounting.ts';

const ann = { id: 'ann', name: 'Ann' };
const entry = (total: number, more: object = {}) => ({
  speaker: ann,
  language: 'es',
  sentMs: { speech: 8000, replayed: 1000, silence: 1000 },
  pictures: 0,
  tokens: { inputAudio: total, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total },
  ...more,
});

/** The first report of a process. */
const first = () => ({ reporter: randomUUID(), number: 1 });

describe('usage', () => {
  let server: TestServer;
  afterEach(() => server.close());
  const started = async (options: Partial<ServerOptions> = {}) => {
    server = await startTestServer({ model: qwen3, pricing: prices, onDemand: false, ...options });
  };
  const root = tokenOf({ identity: 'root', grants: ['admin'] });
  const host = tokenOf({ identity: 'host', room: 'hall', grants: ['host'] });
  const ofHall = async (token = host): Promise<RoomUsage> => {
    const { status, body } = await call(server, 'GET', '/v1/rooms/hall/usage', { token });
    expect(status).toBe(200);
    return RoomUsage.parse(body);
  };
  const send = async (body: object): Promise<InterpreterView> => {
    const { body: view, status } = await call(server, 'POST', '/v1/rooms/hall/interpreters', { token: host, body });
    expect(status).toBe(201);
    return InterpreterView.parse(view);
  };
  const change = (id: string, body: object) =>
    call(server, 'PATCH', `/v1/rooms/hall/interpreters/${id}`, { token: host, body });

  it('is told by speaker, language and kind, of interpreters that come and go', async () => {
    await started();
    for (const identity of ['one', 'two']) {
      const booth = await enter(server, interpreter(identity, { room: 'hall' }));
      await booth.request('usage.report', { ...first(), entries: [entry(100), entry(50, { language: 'fr' })] });
      booth.leave();
    }
    const usage = await ofHall();
    expect(usage).toMatchObject({
      room: 'hall',
      day: new Date().toISOString().slice(0, 10),
      prices: { currency: 'USD', asOf: '2026-03-26' },
      total: { seconds: 40, tokens: 300, money: expect.closeTo(0.3, 9) },
    });
    expect(usage.interpretations).toMatchObject([
      {
        speaker: ann,
        language: 'es',
        tokens: 200,
        kinds: { speech: { seconds: 16, tokens: 160, money: expect.closeTo(0.16, 9) } },
      },
      {
        speaker: ann,
        language: 'fr',
        tokens: 100,
        kinds: { padding: { seconds: 2, tokens: 10 }, replayed: { seconds: 2 } },
      },
    ]);
  });

  it('is the host’s to see, and the account’s an administrator’s', async () => {
    await started();
    const [hall, attic] = await Promise.all(
      ['hall', 'attic'].map((room) => enter(server, interpreter('booth', { room }))),
    );
    await hall?.request('usage.report', { ...first(), entries: [entry(100)] });
    await attic?.request('usage.report', { ...first(), entries: [entry(11)] });
    expect((await ofHall()).total.tokens).toBe(100);
    expect((await ofHall(root)).total.tokens).toBe(100);
    const account = await call(server, 'GET', '/v1/usage', { token: root });
    expect(AccountUsage.parse(account.body)).toMatchObject({ total: { tokens: 111 } });
    expect(AccountUsage.parse(account.body).rooms.map(({ room, tokens }) => [room, tokens])).toEqual([
      ['hall', 100],
      ['attic', 11],
    ]);
    const guest = tokenOf({ identity: 'guest', room: 'hall' });
    const stranger = tokenOf({ identity: 'stranger', room: 'attic', grants: ['host'] });
    const refused = [
      await call(server, 'GET', '/v1/rooms/hall/usage', { token: guest }),
      await call(server, 'GET', '/v1/rooms/hall/usage', { token: stranger }),
      await call(server, 'GET', '/v1/usage', { token: host }),
      await call(server, 'GET', '/v1/rooms/hall/usage'),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 401]);
    const days = ['soon', '1999-01-01'].map((day) => call(server, 'GET', `/v1/usage?day=${day}`, { token: root }));
    expect((await Promise.all(days)).map(({ status }) => status)).toEqual([400, 404]);
  });

  it('is reported by interpreters alone, and in bounds', async () => {
    await started();
    const guest = await enter(
      server,
      person('ann', { room: 'hall', grants: ['publish', 'subscribe', 'host', 'admin'] }),
    );
    await expect(guest.request('usage.report', { ...first(), entries: [entry(1)] })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const booth = await enter(server, interpreter('booth', { room: 'hall' }));
    for (const wrong of [
      [entry(-1)],
      [entry(0.5)],
      [entry(1, { language: 'Spanish' })],
      [entry(1, { sentMs: { speech: -1, replayed: 0, silence: 0 } })],
      [entry(1, { speaker: { id: 'x'.repeat(65), name: '' } })],
      Array.from({ length: 33 }, () => entry(1)),
    ])
      await expect(booth.request('usage.report', { ...first(), entries: wrong })).rejects.toMatchObject({
        code: 'invalid',
      });
    expect((await ofHall()).total.tokens).toBe(0);
  });

  it('is counted once, however often a report is sent, and in the order of the reports', async () => {
    await started();
    const booth = await enter(server, interpreter('booth', { room: 'hall' }));
    const report = (number: number, tokens: number, as = booth) =>
      as.request('usage.report', { reporter: 'a life', number, entries: [entry(tokens)] });
    for (let n = 0; n < 3; n++) await report(1, 100);
    expect((await ofHall()).total.tokens).toBe(100);
    await expect(report(3, 1)).rejects.toMatchObject({ code: 'conflict', message: expect.stringMatching(/report 2/) });
    const again = await enter(server, interpreter('booth', { room: 'hall' }));
    await report(1, 100, again);
    await report(2, 10, again);
    await report(2, 10, again);
    expect((await ofHall()).total.tokens).toBe(110);
  });

  it('cannot be more than the time allows: nobody reaches the budget of the account by one message', async () => {
    await started({ budget: { ...unbounded, dailyTokens: 1_000_000 } });
    const booth = await enter(server, interpreter('booth', { room: 'hall' }));
    const refused = { code: 'invalid', message: expect.stringMatching(/than can have been/) };
    for (const more of [
      entry(1_000_000_000),
      entry(1, { sentMs: { speech: 80_000_000, replayed: 0, silence: 0 } }),
      entry(1, { pictures: 1_000_000_000 }),
      entry(1, { tokens: { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 9e8, outputAudio: 0, total: 0 } }),
    ])
      await expect(booth.request('usage.report', { ...first(), entries: [more] })).rejects.toMatchObject(refused);
    for (let n = 0; n < 30; n++)
      await booth.request('usage.report', { ...first(), entries: [entry(100_000)] }).catch(() => {});
    expect((await ofHall()).total.tokens).toBeLessThan(1_000_000);
    expect(booth.all('budget.changed')).toEqual([]);
    await expect(booth.request('session.used', { tokens: 10_000_000 })).rejects.toMatchObject(refused);
  });

  it('outlives the server in a small file of the data folder', async () => {
    const folder = temporaryFolder();
    const remembering = () => ({ usageStore: openUsageStore(folder, silentLog) });
    await started(remembering());
    const booth = await enter(server, interpreter('booth', { room: 'hall' }));
    await booth.request('usage.report', { ...first(), entries: [entry(100)] });
    // Not only in order: somebody may pull the plug.
    await until(() => readdirSync(folder).includes('usage.json'));
    expect(readFileSync(join(folder, 'usage.json'), 'utf8')).toContain('"inputAudio":100');
    await booth.request('usage.report', { ...first(), entries: [entry(7)] });
    await server.close();
    await until(() => readFileSync(join(folder, 'usage.json'), 'utf8').includes('"inputAudio":107'));
    await started(remembering());
    expect((await ofHall()).total.tokens).toBe(107);
    expect(readdirSync(folder)).toEqual(['usage.json']);
    expect(readFileSync(join(folder, 'usage.json'), 'utf8')).not.toContain(ann.name);
  });

  it('is kept to its last when the server closes', async () => {
    let kept = '';
    const keep = (usage: unknown) => {
      kept = JSON.stringify(usage);
    };
    await started({ usageStore: { stored: [], save: keep } });
    const booth = await enter(server, interpreter('booth', { room: 'hall' }));
    await booth.request('usage.report', { ...first(), entries: [entry(123)] });
    await server.close();
    expect(kept).toContain('"inputAudio":123');
  });

  it('of an interpreter that is stopped is counted to its end', async () => {
    await started();
    const speaker = await Guest.enter(server, person('ann', { room: 'hall' }), { preferences: { speaks: 'en' } });
    await enter(server, person('reader', { room: 'hall' }), { reads: ['es'] });
    const { samples, sampleRate } = humanSpeech('demo-nogo');
    const voice = await resample(samples, sampleRate, 24_000);
    const spoken = await say(await speaker.room.publishMicrophone(), voice, { loop: true });
    const sessions = new ScriptedSessions({ readies: true });
    const stopping = new AbortController();
    const running = keepInterpreting({
      room: {
        join: boothRoom({ url: signalUrl(server), token: tokenOf(interpreter('booth', { room: 'hall' })) }),
        connectionLimiter: unlimitedConnections,
      },
      languages: 'auto',
      model: qwen3,
      openSession: sessions.open,
      sessionIdleTimeoutMs: 1000,
      playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
      clock: systemClock,
      log: silentLog,
      signal: stopping.signal,
      onRunning: () => {},
      onLost: () => {},
    });
    await until(() => sessions.all.some(({ sentMs }) => sentMs > 1000));
    stopping.abort();
    await running;
    spoken.stop();
    const sentMs = sessions.all.reduce((sum, session) => sum + session.sentMs, 0);
    await expect.poll(async () => (await ofHall()).total.seconds).toBeCloseTo(sentMs / 1000, 6);
  });

  it('has an estimate before anybody is sent', async () => {
    await started();
    const { body } = await call(server, 'GET', '/v1/languages');
    const { estimate } = LanguagesResponse.parse(body);
    expect(estimate.perHour?.voice).toBeGreaterThan(estimate.perHour?.captions ?? Number.NaN);
    expect(estimate.prices).toMatchObject({ asOf: '2026-03-26', source: 'a list for tests' });
  });

  describe('a budget', () => {
    const notices = (told: readonly { budget: BudgetNotice | null }[]) =>
      told.map(({ budget }) => budget && `${budget.level} ${budget.restraint}`);

    it('of the account is announced at 80 % and 100 %, once each, to everyone in every room', async () => {
      await started({ budget: { ...unbounded, dailyTokens: 1000, onExceeded: 'stop' } });
      const guest = await enter(server, person('guest', { room: 'attic' }));
      const booth = await enter(server, interpreter('booth', { room: 'hall' }));
      expect(guest.reply).not.toHaveProperty('budget');
      for (let n = 0; n < 12; n++) await booth.request('usage.report', { ...first(), entries: [entry(100)] });
      await guest.settled();
      for (const who of [guest, booth])
        expect(notices(who.all('budget.changed'))).toEqual(['near none', 'reached stop']);
      const late = await enter(server, interpreter('late', { room: 'attic' }));
      expect(late.reply.budget).toMatchObject({
        restraint: 'stop',
        message: expect.stringMatching(/meeting itself continues/),
      });
    });

    it('of one interpreter bounds it alone, and can be raised', async () => {
      await started();
      const { id, budget } = await send({ languages: ['es'], budget: { tokens: 100, onExceeded: 'stop' } });
      expect(budget).toEqual({ tokens: 100, onExceeded: 'stop' });
      const booth = await enter(server, interpreter(id, { room: 'hall' }));
      const other = await enter(server, interpreter('by-hand', { room: 'hall' }));
      const guest = await enter(server, person('guest', { room: 'hall' }));
      await other.request('usage.report', { ...first(), entries: [entry(1000)] });
      await booth.request('usage.report', { ...first(), entries: [entry(100)] });
      await guest.hears('budget.changed');
      expect(notices(booth.all('budget.changed'))).toEqual(['reached stop']);
      expect(notices(guest.all('budget.changed'))).toEqual(['reached stop']);
      await other.settled();
      expect(notices(other.all('budget.changed'))).toEqual([null]);

      const raised = await change(id, { budget: { tokens: 110, onExceeded: 'stop' } });
      expect(raised).toMatchObject({ status: 200, body: { id, budget: { tokens: 110 } } });
      await booth.hears('budget.changed', ({ budget: notice }) => notice?.level === 'near');
      const lifted = await change(id, { budget: null });
      expect(lifted.body).not.toHaveProperty('budget');
      await booth.hears('budget.changed', ({ budget: notice }) => notice === null);
    });

    it('is refused where it makes no sense, with a remedy', async () => {
      await started({ pricing: undefined });
      const post = (budget: object) =>
        call(server, 'POST', '/v1/rooms/hall/interpreters', { token: host, body: { languages: 'auto', budget } });
      expect(await post({ money: 1 })).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/budget\.money.*budget\.tokens/) },
      });
      for (const wrong of [{}, { onExceeded: 'stop' }, { tokens: 0 }, { tokens: 1.5 }, { money: -1 }, { token: 5 }])
        expect((await post(wrong)).status, JSON.stringify(wrong)).toBe(400);
      expect(server.launches).toEqual([]);
      const { id } = await send({ languages: 'auto', budget: { tokens: 5 } });
      expect((await change(id, { budget: { money: 1 } })).status).toBe(400);
      expect((await change('nobody', { budget: null })).status).toBe(404);
      expect((await change(id, {})).status).toBe(400);
    });

    it('of money that cannot be kept keeps the server from starting', async () => {
      await started();
      const starting = startServer({
        ...{ host: '127.0.0.1', port: 0, rtc: { port: 0, workers: 1 }, secret: 'x'.repeat(32) },
        ...{ onDemand: false, model: qwen3, engine: { model: qwen3.id, kind: 'cloud', label: '' }, pages: '/nowhere' },
        sessionBudget: { connectionsPerMinute: 8, tokensPerMinute: 100_000 },
        pricing: undefined,
        budget: { ...unbounded, dailyMoney: 1 },
        transcripts: { folder: '/nowhere', retentionHours: 0 },
        launchInterpreter: () => ({ stop: async () => {} }),
        log: silentLog,
      });
      await expect(starting).rejects.toThrow(/BOOTH_BUDGET_DAILY_TOKENS/);
    });

    it('has room again at midnight (UTC), and everyone hears of it', async () => {
      const midnight = Date.UTC(2026, 2, 27);
      let todayMs = midnight - 100;
      await started({ wallNow: () => todayMs, budget: { ...unbounded, dailyTokens: 10 } });
      const issuedMs = todayMs;
      const token = tokenOf({ identity: 'host', room: 'hall', grants: ['host'], issuedMs });
      const booth = await enter(server, interpreter('booth', { room: 'hall', issuedMs }));
      await booth.request('usage.report', { ...first(), entries: [entry(10)] });
      await booth.hears('budget.changed');
      todayMs = midnight;
      await booth.hears('budget.changed', ({ budget }) => budget === null);
      expect(notices(booth.all('budget.changed'))).toEqual(['reached captions', null]);
      expect(await ofHall(token)).toMatchObject({ day: '2026-03-27', total: { tokens: 0 } });
      const before = await call(server, 'GET', '/v1/rooms/hall/usage?day=2026-03-26', { token });
      expect(before.body).toMatchObject({ total: { tokens: 10 } });
    });

    it('reaches an interpreter through its room connection, as its reports reach the server', async () => {
      await started({ budget: { ...unbounded, dailyTokens: 100 } });
      const booth = await Guest.enter(server, interpreter('booth', { room: 'hall' }));
      const { room } = booth;
      expect(room.budget).toBeUndefined();
      await room.reportUsage({ ...first(), entries: [entry(100)] });
      await until(() => booth.changes > 0);
      expect(room.budget).toMatchObject({ level: 'reached', restraint: 'captions' });
      // The last word of one that leaves.
      const last = room.reportUsage({ ...first(), entries: [entry(5)] }).catch(() => {});
      room.close();
      await last;
      await expect.poll(async () => (await ofHall()).total.tokens).toBe(105);
      await expect(room.reportUsage({ ...first(), entries: [entry(1)] })).rejects.toThrow(/closed/);
    });
  });
});
