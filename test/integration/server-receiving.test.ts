/** What each grant lets its holder receive, of the media and over REST, and of which meetings. */
import { join as path } from 'node:path';
import { type Grant, JoinResponse, RoomSummary, Transcript } from '@mediasoup-booth/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TextOutput } from '../../bot/room/room-connection.ts';
import { limits } from '../../server/limits.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { readCaptions } from '../support/caption-events.ts';
import { Guest } from '../support/meeting.ts';
import { caption } from '../support/room-messages.ts';
import {
  call,
  interpreter,
  join,
  opus,
  person,
  startTestServer,
  type TestServer,
  tokenOf,
  vp8,
} from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let booth: Guest;
let spanish: TextOutput;
const enterBooth = async () => {
  booth = await Guest.enter(server, interpreter('booth'));
  spanish = booth.room.publishCaptions('es');
  await spanish.opened;
};
beforeEach(async () => {
  server = await startTestServer({
    transcripts: { folder: path(temporaryFolder(), 'transcripts'), retentionHours: 24 },
    emptyRoomMs: 100,
  });
  await enterBooth();
});
afterEach(async () => {
  booth.room.close();
  await server.close();
});

const token = (grants: Grant[], identity = 'ana') => tokenOf({ identity, room: 'demo', grants });
const host = token(['host', 'captions'], 'hana');
const transcript = (as: string, query = '') =>
  call(server, 'GET', `/v1/rooms/demo/transcript?language=es${query}`, { token: as });
const say = async (utterance: string) => {
  spanish.send(JSON.stringify(caption(utterance)));
  const written = async () => JSON.stringify((await transcript(host)).body);
  await expect.poll(written).toContain(utterance);
};

describe('what somebody may receive', () => {
  const grants = ['captions', 'channels', 'originals', 'cameras'] as const;

  it.each([...grants, 'subscribe'] as const)('by the grant "%s" is that, and nothing else', async (grant) => {
    const ben = await join(server, person('ben', { name: 'Ben', grants: ['publish'] }));
    await say('hola');
    const { send } = await ben.transports();
    const publish = (kind: 'audio' | 'video', source: 'microphone' | 'camera') =>
      ben.request('producer.create', {
        transportId: send,
        kind,
        source,
        rtpParameters: kind === 'audio' ? opus() : vp8(),
      });
    const [microphone, camera] = [await publish('audio', 'microphone'), await publish('video', 'camera')];
    await booth.room.publishChannel('es');

    const ana = await join(server, person('ana', { grants: [grant] }));
    const published = () => ana.reply.participants.find(({ id }) => id === 'booth');
    const { recv: transportId } = await ana.transports();
    const rtpCapabilities = ana.reply.rtpCapabilities as never;
    const consume = (producerId = '') => ana.request('consumer.create', { transportId, producerId, rtpCapabilities });
    const dataProducerId = published()?.dataProducers[0]?.id ?? '';
    const attempts = {
      captions: () => ana.request('dataConsumer.create', { transportId, dataProducerId }),
      channels: () => consume(published()?.producers[0]?.id),
      originals: () => consume(microphone.producerId),
      cameras: () => consume(camera.producerId),
    };
    for (const each of grants) {
      const received = attempts[each]();
      if (grant === each || grant === 'subscribe') await expect(received).resolves.toBeTruthy();
      else
        await expect(received).rejects.toMatchObject({
          code: 'forbidden',
          message: expect.stringContaining(`"${each}"`),
        });
    }
    const reads = grant === 'captions' || grant === 'subscribe';
    expect(ana.reply.captions.length > 0).toBe(reads);
    expect((await transcript(token([grant]))).status).toBe(reads ? 200 : 403);
    const reading = readCaptions(server, 'demo', 'es', token([grant]));
    if (reads) (await reading).close();
    else await expect(reading).rejects.toThrow(/captions/);
  });
});

describe('the transcript of an earlier meeting', () => {
  it('is for those who were invited by then, and for hosts', async () => {
    const early = token(['captions'], 'early');
    const ben = await join(server, person('ben', { name: 'Ben' }));
    await say('yesterday');
    booth.room.close();
    ben.leave();
    const isOpen = async () =>
      (await call(server, 'GET', '/v1/rooms/demo', { token: tokenOf({ identity: 'r', grants: ['admin'] }) })).status;
    await expect.poll(isOpen).toBe(404);
    const first = Transcript.parse((await transcript(host)).body).meeting;

    const invite = server.invite('demo', ['captions'], 3600);
    const enter = { room: 'demo', invite };
    const late = JoinResponse.parse((await call(server, 'POST', '/v1/join', { body: enter })).body).token;
    const bySelf = token(['captions'], 'late');
    for (const guest of [late, bySelf]) {
      expect(await transcript(guest)).toMatchObject({ status: 404 });
      expect(await transcript(guest, `&meeting=${first}`)).toMatchObject({ status: 404 });
    }
    expect(await transcript(early)).toMatchObject({ status: 200 });

    await enterBooth();
    await join(server, person('ben', { name: 'Ben' }));
    await say('today');
    for (const guest of [late, bySelf]) {
      const { entries, meetings } = Transcript.parse((await transcript(guest)).body);
      expect(entries.map(({ utterance }) => utterance)).toEqual(['today']);
      expect(meetings).toHaveLength(1);
      expect(await transcript(guest, `&meeting=${first}`)).toMatchObject({ status: 404 });
    }
    for (const all of [early, host]) expect(Transcript.parse((await transcript(all)).body).meetings).toHaveLength(2);
  });
});

describe('who reads captions over HTTP', () => {
  it('takes no participant’s place, within bounds of their own, and is counted for hosts', async () => {
    const hana = await join(server, person('hana', { grants: ['host'] }));
    const ana = await join(server, person('ana'));
    const reading = await Promise.all(
      Array.from({ length: 20 }, (_, n) => readCaptions(server, 'demo', 'es', token(['captions'], `screen-${n % 4}`))),
    );
    await hana.hears('readers.updated', ({ readers }) => readers === 20);
    expect((await join(server, person('hugo', { grants: ['host'] }))).reply.readers).toBe(20);
    const admin = tokenOf({ identity: 'root', grants: ['admin'] });
    const { body } = await call(server, 'GET', '/v1/rooms/demo', { token: admin });
    expect(RoomSummary.parse(body)).toMatchObject({ participants: 4, readers: 20 });
    for (const each of reading) each.close();
    await hana.hears('readers.updated', ({ readers }) => readers === 0);
    await ana.settled();
    expect(ana.all('readers.updated')).toEqual([]);
    expect(hana.all('participant.joined').map(({ participant }) => participant.id)).toEqual(['ana', 'hugo']);
  });

  it('is refused where as many read in the room as may, while people still come in', async () => {
    const identities = Array.from({ length: Math.ceil(limits.captionReadersPerRoom / 50) }, (_, n) => `screen-${n}`);
    const open = [];
    for (const identity of identities)
      open.push(
        ...(await Promise.all(
          Array.from({ length: 50 }, () => readCaptions(server, 'demo', 'es', token(['captions'], identity))),
        )),
      );
    await expect(readCaptions(server, 'demo', 'es', token(['captions'], 'more'))).rejects.toThrow(/tooMany/);
    await (await join(server, person('ana'))).settled();
    for (const each of open) each.close();
  });
});

describe('a hidden participant', () => {
  it('is shown to hosts, who may send them away, and to nobody else', async () => {
    const hana = await join(server, person('hana', { grants: ['host'] }));
    const ana = await join(server, person('ana'));
    const hidden = await join(server, person('wall', { hidden: true, grants: ['captions'] }));
    expect((await hana.hears('participant.joined', ({ participant }) => participant.hidden)).participant.id).toBe(
      'wall',
    );
    await ana.settled();
    expect(ana.all('participant.joined')).toEqual([]);
    await hana.request('host.remove', { participantId: 'wall' });
    await until(() => hidden.socket.readyState !== hidden.socket.OPEN);
  });
});
