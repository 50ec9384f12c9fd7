/** Two servers side by side, real processes on one real Redis: rooms are found, passed on, kept and moved. */
import { SIGNAL_PATH, Transcript } from '@mediasoup-booth/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinRoom } from '../../bot/room/join-room.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { systemClock } from '../../time/clock.ts';
import { runBooth } from '../support/booth-process.ts';
import { ownerAmong, TestCluster, type TestNode } from '../support/cluster.ts';
import { LastingParticipant } from '../support/lasting-participant.ts';
import { caption } from '../support/room-messages.ts';
import { interpreter, person, tokenOf, type Who } from '../support/server.ts';
import { until } from '../support/until.ts';

const host = (identity: string): Who => person(identity, { name: 'Ana', grants: ['publish', 'subscribe', 'host'] });

async function enter(url: string, who: Who): Promise<RoomConnection> {
  const room = await joinRoom({
    url: url.replace('http', 'ws') + SIGNAL_PATH,
    token: tokenOf(who),
    clock: systemClock,
    events: { changed() {}, ended() {} },
  });
  onTestFinished(() => room.close());
  return room;
}

/** Somebody who comes back, and in which room they are. */
class Stayer {
  room: RoomConnection | undefined;
  joins = 0;

  constructor(url: string, who: Who) {
    const participant = new LastingParticipant({
      url,
      token: tokenOf(who),
      changed: (room) => {
        if (room !== this.room) this.joins++;
        this.room = room;
      },
    });
    onTestFinished(() => participant.leave());
  }

  sees(id: string): boolean {
    return this.room?.participants.has(id) === true;
  }
}

/** An interpreter that comes back, and says what it is told in the name of Ana. */
class Captioner {
  joins = 0;
  #room: RoomConnection | undefined;
  #send: (text: string) => void = () => {};
  #said = 0;

  constructor(url: string) {
    const participant = new LastingParticipant({
      url,
      token: tokenOf(interpreter('booth')),
      changed: (room) => {
        if (this.#room === room) return;
        this.#room = room;
        const captions = room.publishCaptions('es');
        void captions.opened.then(() => {
          this.joins++;
          this.#send = (text) => captions.send(text);
        });
      },
    });
    onTestFinished(() => participant.leave());
  }

  says(stable: string): void {
    const speaker = { id: 'ana', name: 'Ana' };
    this.#send(JSON.stringify({ ...caption(String(++this.#said), { stable, start: 1, end: 2 }), speaker }));
  }
}

async function rest(node: TestNode, path: string, who: Who, init: RequestInit = {}): Promise<Response> {
  return fetch(`${node.url}${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${tokenOf(who)}`, 'Content-Type': 'application/json' },
  });
}

async function transcribed(node: TestNode): Promise<string[]> {
  const answer = await rest(node, '/v1/rooms/demo/transcript?language=es', host('ana'));
  if (!answer.ok) return [];
  return Transcript.parse(await answer.json()).entries.map(({ text }) => text);
}

describe('two servers on one Redis', () => {
  it('bring people together whom different servers let in, and answer for each other’s rooms', async () => {
    const cluster = await TestCluster.start(2);
    const ana = await enter(cluster.node(0).url, host('ana'));
    const ben = await enter(cluster.node(1).url, person('ben'));
    await until(() => ana.participants.has('ben'));
    expect(ben.participants.has('ana')).toBe(true);

    for (const [index, node] of cluster.nodes.entries()) {
      const waitingRoom = index === 0;
      const changed = await rest(node, '/v1/rooms/demo', host('ana'), {
        method: 'PATCH',
        body: JSON.stringify({ waitingRoom }),
      });
      expect([changed.status, await changed.json()]).toMatchObject([200, { name: 'demo', waitingRoom }]);
    }
    const pages = await fetch(cluster.node(0).url);
    expect(pages.headers.get('content-security-policy')).toMatch(/connect-src 'self'[^;]* wss:/);

    const owner = await ownerAmong(cluster.nodes);
    const [other] = cluster.nodes.filter((node) => node !== owner);
    const environment = { BOOTH_TOKEN: tokenOf(person('doctor')) };
    const examined = await runBooth(['doctor', '--from', `${other?.url}/room/demo`], { environment });
    expect(examined.stdout).toContain(`joined the room demo, which is at ${owner.url}`);
    expect(examined.stdout).toMatch(/ok +media, UDP/);
    expect(examined.exitCode).toBe(0);
  });

  it('go on with a meeting while Redis is away, open none, say so, and come back by themselves', async () => {
    const cluster = await TestCluster.start(2);
    const [ana, booth] = [new Stayer(cluster.url, host('ana')), new Captioner(cluster.url)];
    await until(() => ana.sees('booth') && booth.joins === 1);
    const owner = await ownerAmong(cluster.nodes);
    await cluster.redis.kill();
    await expect.poll(async () => (await owner.readiness()).reasons.join()).toMatch(/Redis cannot be reached/);
    booth.says('sigue');
    await expect.poll(() => transcribed(owner)).toEqual(['sigue']);
    const ben = await enter(owner.url, person('ben'));
    expect(ben.participants.has('ana')).toBe(true);
    await expect(enter(owner.url, person('ben', { room: 'other' }))).rejects.toThrow(/cannot be opened at this moment/);

    await cluster.redis.run();
    for (const node of cluster.nodes) await expect.poll(async () => (await node.readiness()).reasons).toEqual([]);
    const cas = await enter(cluster.node(1).url, person('cas'));
    const dan = await enter(cluster.node(0).url, person('dan'));
    for (const room of [cas, dan]) await until(() => room.participants.has('ana'));
    expect(ana.joins).toBe(1);
    await enter(cluster.url, person('ben', { room: 'other' }));
  });

  it('take over a room from a server that is stopped or killed, with its transcript, and say nothing twice', async () => {
    const cluster = await TestCluster.start(3);
    const [ana, booth] = [new Stayer(cluster.url, host('ana')), new Captioner(cluster.url)];
    await until(() => ana.sees('booth') && booth.joins === 1);
    const stopped = await ownerAmong(cluster.nodes);
    booth.says('uno');
    await expect.poll(() => transcribed(stopped)).toEqual(['uno']);
    const exitCode = stopped.stop();
    await until(() => ana.joins === 2 && booth.joins === 2);
    expect(await exitCode).toBe(0);

    const left = cluster.nodes.filter((node) => node !== stopped);
    const killed = await ownerAmong(left);
    booth.says('dos');
    await expect.poll(() => transcribed(killed)).toEqual(['uno', 'dos']);
    await killed.kill();
    await until(() => ana.joins === 3 && booth.joins === 3);
    const last = await ownerAmong(left.filter((node) => node !== killed));
    const { recentCaptions } = await enter(last.url, person('eva'));
    expect(recentCaptions).toMatchObject([{ stable: 'uno' }, { stable: 'dos' }]);
    booth.says('tres');
    await expect.poll(() => transcribed(last)).toEqual(['uno', 'dos', 'tres']);
  });
});
