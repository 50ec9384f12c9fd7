/** What is asked of a room while it moves to another server, whose people speak without a pause: it concerns the room in which they are. */
import { CloseCode, RoomView } from '@mediasoup-booth/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { createOpusEncoder, OPUS_FRAME_SAMPLES } from '../../audio/opus-codec.ts';
import { OpusSender } from '../../bot/playout/opus-sender.ts';
import { systemClock } from '../../time/clock.ts';
import { ownerAmong, TestCluster } from '../support/cluster.ts';
import { LastingParticipant } from '../support/lasting-participant.ts';
import { MovingListener } from '../support/moving-listener.ts';
import { closed, connect, person, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const PATIENCE = { timeout: 30_000 };
const host = tokenOf(person('host', { grants: ['publish', 'subscribe', 'host'] }));
const admin = tokenOf(person('root', { grants: ['admin'] }));

/** Somebody who sends noise, whichever server they are at. @returns the rooms that they have used */
function speaksWithoutPause(url: string, name: string): { rooms: number } {
  const spoken = { rooms: 0 };
  let sender: OpusSender | undefined;
  let used: unknown;
  const participant = new LastingParticipant({
    url,
    token: tokenOf(person(name.toLowerCase(), { name })),
    async changed(room) {
      if (room === used) return;
      used = room;
      spoken.rooms++;
      sender?.close();
      const output = await room.publishMicrophone();
      sender = new OpusSender(await createOpusEncoder(), output, systemClock, noise);
      sender.wake();
    },
  });
  onTestFinished(() => {
    participant.leave();
    sender?.close();
  });
  return spoken;
}

const noise = (): Int16Array => Int16Array.from({ length: OPUS_FRAME_SAMPLES }, () => (Math.random() - 0.5) * 20_000);

/** How many are in the room `demo` of a server. */
async function peopleAt(url: string): Promise<number> {
  const answer = await fetch(`${url}/v1/rooms`, { headers: { Authorization: `Bearer ${admin}` } });
  const { rooms } = (await answer.json()) as { rooms: { name: string; participants: number }[] };
  return rooms.find(({ name }) => name === 'demo')?.participants ?? 0;
}

/** Somebody who is alone in a room that is about to move, and is connected ahead to the server to which it moves. */
async function aloneInMove() {
  const cluster = await TestCluster.start(2);
  const alone = await (await connect(cluster, tokenOf(person('alone')))).join();
  const owner = await ownerAmong(cluster.nodes);
  const next = cluster.nodes.find((node) => node !== owner);
  if (!next) throw new Error('there is no other node');
  const stopped = owner.stop();
  await alone.hears('room.moving');
  const ahead = await (await connect(next, tokenOf(person('alone')))).join({ ahead: true });
  return { alone, next, stopped, ahead, sentAway: closed(ahead.socket) };
}

/** Ends the meeting in the room `demo`. @returns the status of the answer */
async function endMeeting(url: string): Promise<number> {
  const headers = { Authorization: `Bearer ${admin}` };
  return (await fetch(`${url}/v1/rooms/demo`, { method: 'DELETE', headers })).status;
}

it('a room whose meeting is ended while it is about to move is not at the next server after that', async () => {
  const { alone, next, stopped, sentAway } = await aloneInMove();
  expect(await endMeeting(next.url)).toBe(204);
  await sentAway;
  expect(alone.all('room.moved')).toEqual([]);
  expect(await stopped).toBe(0);
  expect(await peopleAt(next.url)).toBe(0);
  // Nobody but a server hands rooms over, or ends them as one.
  for (const method of ['POST', 'DELETE']) {
    const handed = await fetch(`${next.url}/v1/rooms/demo/arrival`, {
      method,
      headers: { Authorization: `Bearer ${host}`, 'Content-Type': 'application/json' },
      ...(method === 'POST' && {
        body: JSON.stringify({ removed: ['anna'], muted: [], interpreter: { onDemand: true } }),
      }),
    });
    expect(handed.status).toBe(403);
  }
});

it('a room whose meeting is ended in the moment in which it moves is at no server after that', async () => {
  const { alone, next, stopped, sentAway } = await aloneInMove();
  const ready = alone.request('room.readyToMove', {}).catch(() => {});
  // Between two servers there is an instant in which neither has it.
  await expect.poll(() => endMeeting(next.url), PATIENCE).toBe(204);
  await sentAway;
  await ready;
  expect(await stopped).toBe(0);
  expect(await peopleAt(next.url)).toBe(0);
});

it('a room that is about to move is entered, changed and left where its people are, and goes on so at the next server', async () => {
  const cluster = await TestCluster.start(2);
  const noisy = speaksWithoutPause(cluster.url, 'Noisy');
  const early = new MovingListener(cluster.url, 'Noisy');
  const eve = new LastingParticipant({
    url: cluster.url,
    token: tokenOf(person('eve', { name: 'Eve' })),
    changed() {},
  });
  onTestFinished(() => eve.leave());
  await until(() => early.packetsMs.length > 0);
  const owner = await ownerAmong(cluster.nodes);
  const next = cluster.nodes.find((node) => node !== owner);
  if (!next) throw new Error('there is no other node');
  // These two clients are older: they do not connect to the next server before the room has moved.
  const there = await (await connect(owner, host)).join();
  await expect.poll(() => peopleAt(owner.url), PATIENCE).toBe(4);

  const stopped = owner.stop();
  await there.hears('room.moving');
  await expect.poll(() => peopleAt(next.url), PATIENCE).toBe(3);

  // Whoever asks the load balancer is answered by the next server, as the other takes nobody new.
  const late = new MovingListener(cluster.url, 'Noisy', person('lea', { name: 'Lea' }));
  await until(() => late.packetsMs.length > 0);
  expect(late.named('Eve')).toHaveLength(1);
  const newcomer = await connect(next, tokenOf(person('kim')));
  await expect(newcomer.join()).rejects.toMatchObject({ code: 'elsewhere', server: owner.url });

  const changed = await fetch(`${next.url}/v1/rooms/demo`, {
    method: 'PATCH',
    headers: { Authorization: `Bearer ${host}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ transcript: false }),
  });
  expect(RoomView.parse(await changed.json()).transcript).toBe('off');
  await there.hears('room.updated', ({ room }) => room.transcript === 'off');

  eve.leave();
  const stubborn = await (await connect(next, tokenOf(person('eve', { name: 'Eve' })))).join({ ahead: true });
  const sentAway = closed(stubborn.socket);
  const again = await (await connect(owner, tokenOf(person('eve', { name: 'Eve' })))).join();
  const removed = closed(again.socket);
  await there.request('host.remove', { participantId: 'eve' });
  expect((await removed).code).toBe(CloseCode.removed);
  const [noise] = again.reply.participants.filter(({ name }) => name === 'Noisy').flatMap(({ producers }) => producers);
  await there.request('host.mute', { producerId: noise?.id ?? '' });
  expect(noisy.rooms).toBe(1);

  // The room moves in the end, though nobody has been silent.
  expect((await closed(there.socket)).code).toBe(CloseCode.goingAway);
  expect(there.all('room.moved')).toHaveLength(1);
  expect((await sentAway).code).toBe(CloseCode.removed);
  await until(() => noisy.rooms === 2 && early.rooms.length === 2 && late.rooms.length === 2);
  const after = await (await connect(next, host)).join();
  expect(after.reply.room.transcript).toBe('off');
  expect(after.reply.participants.map(({ name }) => name).sort()).toEqual(['Cas', 'Lea', 'Noisy']);
  // Who was muted says nothing there either, though their client begins anew.
  const isPaused = () => late.named('Noisy').flatMap(({ producers }) => producers.map(({ paused }) => paused));
  await expect.poll(isPaused, PATIENCE).toEqual([true]);
  expect(await stopped).toBe(0);
});
