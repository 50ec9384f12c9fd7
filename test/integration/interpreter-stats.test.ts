/** What an interpreter counts, from a real microphone to the server's metrics and REST. */

import { InterpreterView } from '@mediasoup-booth/protocol';
import { afterEach, expect, it, vi } from 'vitest';
import { resample } from '../../audio/resample.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { silentLog } from '../../bench/support/silent-log.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { keepInterpreting } from '../../bot/process/keep-interpreting.ts';
import { boothRoom } from '../../bot/room/booth-room.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { qwen3 } from '../../config/models.ts';
import { systemClock } from '../../time/clock.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { ScriptedSessions } from '../support/scripted-session.ts';
import { call, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';

let server: TestServer;
const stopping = new AbortController();
let running: Promise<void> | undefined;
afterEach(async () => {
  stopping.abort();
  await running;
  await server.close();
});

it('shows packets, speech and sessions of an interpreter in its view and in the metrics, and names nobody', async () => {
  server = await startTestServer({ model: qwen3, onDemand: false });
  const host = tokenOf({ identity: 'host', room: 'hall', grants: ['host'] });
  const sent = await call(server, 'POST', '/v1/rooms/hall/interpreters', { token: host, body: { languages: ['es'] } });
  const { id } = InterpreterView.parse(sent.body);
  const [launch] = server.launches;
  const sessions = new ScriptedSessions({ readies: true });
  running = keepInterpreting({
    room: {
      join: boothRoom({ url: signalUrl(server), token: launch?.assignment.token ?? '' }),
      connectionLimiter: unlimitedConnections,
    },
    languages: ['es'],
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

  const ann = await Guest.enter(server, person('ann', { room: 'hall' }), { preferences: { speaks: 'en' } });
  await Guest.enter(server, person('ben', { room: 'hall' }), { preferences: { hears: 'es', reads: ['es'] } });
  const recording = humanSpeech('vm-sorry');
  const speech = await resample(recording.samples, recording.sampleRate, VOICE_SAMPLE_RATE);
  const spoken = await say(await ann.room.publishMicrophone(), speech, { loop: true });

  const path = `/v1/rooms/hall/interpreters/${id}`;
  await vi.waitFor(
    async () => {
      const { status, body } = await call(server, 'GET', path, { token: host });
      expect(status).toBe(200);
      const { stats } = InterpreterView.parse(body);
      expect(stats?.speakers).toHaveLength(1);
      expect(stats?.speakers[0]?.speaker).toBe(ann.room.self);
      expect(stats?.speakers[0]?.packets.received).toBeGreaterThan(50);
      expect(stats?.sessions.opened).toBeGreaterThan(0);
    },
    { timeout: 40_000, interval: 500 },
  );
  spoken.stop();

  const metrics = await (await fetch(new URL('/metrics', server.url))).text();
  expect(metrics).toMatch(/^booth_interpreter_packets_total\{outcome="received"\} [1-9]/m);
  expect(metrics).toMatch(/^booth_translation_sessions_opened_total [1-9]/m);
  expect(metrics).toContain('booth_channel_queue_delay_seconds_bucket');
  expect(metrics).not.toMatch(/"hall"|"ann"|Ann\b/);
  const stranger = await call(server, 'GET', '/v1/rooms/hall/interpreters/no-such', { token: host });
  expect(stranger.status).toBe(404);
});
