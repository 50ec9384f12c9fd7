/** An interpreter to which nothing gets through while its signalling stays: the room is told, and told again when it is over. */
import { expect, it, onTestFinished } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { silentLog } from '../../bench/support/silent-log.ts';
import { keepInterpreting } from '../../bot/process/keep-interpreting.ts';
import { boothRoom } from '../../bot/room/booth-room.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { qwen3 } from '../../config/models.ts';
import { systemClock } from '../../time/clock.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { Relay } from '../support/relay.ts';
import { ScriptedSessions } from '../support/scripted-session.ts';
import { join, person, startTestServer } from '../support/server.ts';
import { tone } from '../support/sound.ts';
import { until } from '../support/until.ts';

it('is said to connect again until media gets through, although it is in the room all the time', async () => {
  const server = await startTestServer({ model: qwen3, onDemand: true });
  onTestFinished(() => server.close());
  const ben = await join(server, person('ben', { room: 'hall' }), { hears: 'es', reads: ['es'] });
  const told = () => ben.all('room.updated').at(-1)?.room.interpretation;
  await until(() => server.launches.length === 1);
  const { token, onState } = server.launches[0]?.assignment ?? {};

  const network = await Relay.start(signalUrl(server));
  onTestFinished(() => network.close());
  const stopping = new AbortController();
  const running = keepInterpreting({
    room: { join: boothRoom({ url: network.url, token: token ?? '' }), connectionLimiter: unlimitedConnections },
    languages: ['es'],
    model: qwen3,
    openSession: new ScriptedSessions({ readies: true }).open,
    sessionIdleTimeoutMs: 1000,
    playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
    clock: systemClock,
    log: silentLog,
    signal: stopping.signal,
    onRunning: () => onState?.('running'),
    onLost: (reason) => onState?.('restarting', reason),
  });
  onTestFinished(async () => {
    stopping.abort();
    await running;
  });
  const ann = await Guest.enter(server, person('ann', { room: 'hall' }), { preferences: { speaks: 'en' } });
  const microphone = await say(await ann.room.publishMicrophone(), tone(660, 1000, VOICE_SAMPLE_RATE), { loop: true });
  onTestFinished(() => {
    microphone.stop();
    ann.room.close();
  });
  let received = 0;
  network.fate = () => {
    received++;
    return 0;
  };
  await until(() => received > 100 && told()?.state === 'on');

  const restore = network.cutMedia();
  await until(() => told()?.state === 'starting');
  expect(told()?.message).toMatch(/network .* cut off.*connects again by itself/);
  restore();
  await until(() => told()?.state === 'on');
  expect(told()?.message).toBeUndefined();
  expect(network.requests.filter((method) => method === 'join')).toHaveLength(1);
});
