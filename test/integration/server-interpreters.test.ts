import { type Grant, InterpreterView, type RequestData } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { qwen3 } from '../../config/models.ts';
import { verifyToken } from '../../server/auth/jwt.ts';
import {
  call,
  closed,
  connect,
  interpreter,
  join,
  person,
  secret,
  startTestServer,
  type TestServer,
  tokenOf,
} from '../support/server.ts';

const host = (room: string) => tokenOf({ identity: 'host', room, grants: ['host'] });

describe('interpreters', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ emptyRoomMs: 300 });
  });
  afterAll(() => server.close());

  const launchesFor = (room: string) =>
    server.launches.filter(({ assignment }) => verifyToken(secret, assignment.token).booth.room === room);
  const send = (room: string, languages: unknown) =>
    call(server, 'POST', `/v1/rooms/${room}/interpreters`, { token: host(room), body: { languages } });

  it('come when somebody chooses a language, with a token for the room, and everyone is told', async () => {
    const ana = await join(server, person('ana', { room: 'demand' }));
    expect(ana.reply.room.interpretation).toEqual({ onDemand: true, pictures: 'off', state: 'off' });
    await ana.request('participant.update', { hears: 'es' });
    await ana.request('participant.update', { reads: ['es'] });
    const [launch, ...others] = launchesFor('demand');
    expect(others).toEqual([]);
    expect(launch?.assignment).toMatchObject({ url: server.url, languages: 'auto' });
    const { sub, booth } = verifyToken(secret, launch?.assignment.token);
    expect(sub).toBe(launch?.assignment.id);
    expect(booth).toMatchObject({ room: 'demand', grants: ['interpret', 'subscribe'] });

    await ana.hears('room.updated', ({ room }) => room.interpretation.state === 'starting');
    launch?.assignment.onState('running');
    await ana.hears('room.updated', ({ room }) => room.interpretation.state === 'on');
    launch?.assignment.onState('failed', 'No engine.');
    const failed = await ana.hears('room.updated', ({ room }) => room.interpretation.state === 'failed');
    expect(failed.room.interpretation.message).toMatch(/^No engine\. /);
  });

  it('come for who joins with a wish, and for hidden ones too', async () => {
    await join(server, person('ghost', { room: 'wish', hidden: true }), { reads: ['original'] });
    expect(launchesFor('wish')).toHaveLength(1);
  });

  const wish = { hears: 'es', reads: ['es'] };

  it.each([
    ['nothing', [], wish],
    ['originals', ['publish', 'originals'], wish],
    ['captions', ['captions'], { hears: 'es' }],
    ['channels', ['channels'], { reads: ['es'] }],
  ] satisfies [string, Grant[], RequestData<'join'>][])(
    'do not come for a language that somebody may not receive: of %s alone',
    async (what, grants, beyond) => {
      const room = `beyond-${what}`;
      const hana = await join(server, person('hana', { room }));
      const ana = await join(server, person('ana', { room, grants }), beyond);
      expect(ana.reply.you).toMatchObject({ hears: 'original', reads: [] });
      await ana.request('participant.update', beyond);
      await hana.settled();
      expect(hana.all('participant.updated')).toEqual([]);
      expect(launchesFor(room)).toEqual([]);
    },
  );

  it.each([
    ['captions', { hears: 'original', reads: ['es'] }],
    ['channels', { hears: 'es', reads: [] }],
  ] as const)(
    'come for somebody who wishes to hear and to read, and may receive %s alone',
    async (grant, permitted) => {
      const room = `only-${grant}`;
      const ana = await join(server, person('ana', { room, grants: [grant] }), wish);
      expect(ana.reply.you).toMatchObject(permitted);
      expect(launchesFor(room)).toHaveLength(1);
    },
  );

  it('can join with the token that they were launched with', async () => {
    const ana = await join(server, person('ana', { room: 'enter' }), { hears: 'es' });
    const [launch] = launchesFor('enter');
    const booth = await (await connect(server, launch?.assignment.token ?? '')).join();
    expect(booth.reply.you).toMatchObject({ kind: 'interpreter', id: launch?.assignment.id });
    await ana.hears('room.updated', ({ room }) => room.interpretation.state === 'on');
  });

  it('cannot come in by that token once they are dismissed', async () => {
    const view = InterpreterView.parse((await send('dismissed', ['es'])).body);
    const [launch] = launchesFor('dismissed');
    const where = `/v1/rooms/dismissed/interpreters/${view.id}`;
    expect(await call(server, 'DELETE', where, { token: host('dismissed') })).toMatchObject({ status: 204 });
    const late = (await connect(server, launch?.assignment.token ?? '')).join();
    await expect(late).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/this interpreter was sent away/),
    });
  });

  it('are not launched where one interprets by hand', async () => {
    await join(server, interpreter('by-hand', { room: 'hand' }));
    const ana = await join(server, person('ana', { room: 'hand' }), { hears: 'es' });
    expect(ana.reply.room.interpretation.state).toBe('on');
    expect(launchesFor('hand')).toEqual([]);
  });

  it('are sent, looked at and dismissed by the host', async () => {
    const ana = await join(server, person('ana', { room: 'sent' }));
    const first = await send('sent', ['es']);
    expect(first.status).toBe(201);
    const view = InterpreterView.parse(first.body);
    expect(view).toMatchObject({ languages: ['es'], state: 'starting' });
    expect(await send('sent', ['es'])).toMatchObject({ status: 200, body: { id: view.id } });
    expect(await send('sent', ['en'])).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: expect.stringMatching(/DELETE/) },
    });
    const where = '/v1/rooms/sent/interpreters';
    expect(await call(server, 'GET', where, { token: host('sent') })).toMatchObject({ body: { interpreters: [view] } });

    expect(await call(server, 'DELETE', `${where}/${view.id}`, { token: host('sent') })).toMatchObject({ status: 204 });
    expect(launchesFor('sent')[0]?.stopped).toBe(true);
    expect(await call(server, 'DELETE', `${where}/${view.id}`, { token: host('sent') })).toMatchObject({ status: 404 });
    await ana.hears('room.updated', ({ room }) => !room.interpretation.onDemand);
    await ana.request('participant.update', { hears: 'es' });
    expect(launchesFor('sent')).toHaveLength(1);
    expect(await send('sent', 'auto')).toMatchObject({ status: 201 });
  });

  it('are restarted by the host with the settings that they have, under the same id, and by no guest', async () => {
    const ana = await join(server, person('ana', { room: 'anew' }));
    const { id } = InterpreterView.parse((await send('anew', ['es'])).body);
    const where = `/v1/rooms/anew/interpreters/${id}/restart`;
    expect(await call(server, 'POST', where, { token: tokenOf(person('guest', { room: 'anew' })) })).toMatchObject({
      status: 403,
    });
    const restarted = await call(server, 'POST', where, { token: host('anew') });
    expect(restarted).toMatchObject({ status: 200, body: { id, languages: ['es'], state: 'starting' } });
    const [first, second] = launchesFor('anew');
    expect([first?.stopped, second?.stopped]).toEqual([true, false]);
    expect(second?.assignment).toMatchObject({ id, languages: ['es'] });
    // What the one before says afterwards is not heard.
    first?.assignment.onState('failed', 'It was stopped.');
    const views = await call(server, 'GET', '/v1/rooms/anew/interpreters', { token: host('anew') });
    expect(views).toMatchObject({ body: { interpreters: [{ id, state: 'starting' }] } });
    const nobody = '/v1/rooms/anew/interpreters/nobody/restart';
    expect(await call(server, 'POST', nobody, { token: host('anew') })).toMatchObject({ status: 404 });
    ana.leave();
  });

  it('are sent with a voice, terms and captions alone where that is wished', async () => {
    const cloud = await startTestServer({ model: qwen3, pictures: 'onChange', onDemand: false });
    try {
      const token = host('settings');
      const order = (languages: unknown, more: object = {}) =>
        call(cloud, 'POST', '/v1/rooms/settings/interpreters', { token, body: { languages, ...more } });
      const spanish = { code: 'es', voice: qwen3.voices[0]?.name, hotwords: { Booth: 'Cabina' } };
      const languageSettings = { es: { voice: spanish.voice, hotwords: spanish.hotwords }, fr: { audio: false } };
      const languages = [spanish, { code: 'fr', audio: false }, 'de'];
      expect(await order([{ code: 'es', voice: 'Nobody' }])).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/no voice "Nobody" for es; it has: /) },
      });
      const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, 't']));
      expect(await order([{ code: 'es', hotwords: many }])).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/at most 1000 hotwords/) },
      });
      expect(await order([{ code: 'es', hotwords: { '': 'x' } }])).toMatchObject({ status: 400 });
      expect(await order([{ code: 'es', volume: 11 }])).toMatchObject({ status: 400 });

      const sent = await order(languages, { pictures: 'fixed' });
      expect(sent).toMatchObject({
        status: 201,
        body: { languages: ['es', 'fr', 'de'], languageSettings, pictures: 'fixed' },
      });
      expect(cloud.launches[0]?.assignment).toMatchObject({
        languages: ['es', 'fr', 'de'],
        languageSettings,
        pictures: 'fixed',
      });
      expect(await order(languages)).toMatchObject({ status: 200 });
      expect(await order(['es', 'fr', 'de'])).toMatchObject({ status: 409 });
    } finally {
      await cloud.close();
    }
  });

  it('are sent with settings for languages that people choose only later, and refused them for others', async () => {
    const cloud = await startTestServer({ model: qwen3, onDemand: false });
    try {
      const token = host('later');
      const order = (languages: unknown, languageSettings: object) =>
        call(cloud, 'POST', '/v1/rooms/later/interpreters', { token, body: { languages, languageSettings } });
      const languageSettings = { es: { voice: 'Nofish', hotwords: { Booth: 'Cabina' } }, zh: { audio: false } };
      for (const [refused, why] of [
        [{ tlh: { audio: false } }, /cannot do tlh/],
        [{ ar: { voice: 'Cherry' } }, /no voice "Cherry" for ar; it has: none to choose/],
        [{ es: { loud: true } }, /loud/],
      ] as const)
        expect(await order('auto', refused)).toMatchObject({
          status: 400,
          body: { detail: expect.stringMatching(why) },
        });
      expect(await order(['es'], languageSettings)).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/settings for zh, which is not among the languages: es/) },
      });
      expect(await order('auto', { ...languageSettings, fr: {} })).toMatchObject({
        status: 201,
        body: { languages: 'auto', languageSettings },
      });
      expect(cloud.launches[0]?.assignment).toMatchObject({ languages: 'auto', languageSettings });
      expect(await order('auto', languageSettings)).toMatchObject({ status: 200 });
      expect(await order('auto', {})).toMatchObject({ status: 409 });
    } finally {
      await cloud.close();
    }
  });

  it('follow demand into what is allowed alone, and by the model that the server has', async () => {
    const order = (body: object) =>
      call(server, 'POST', '/v1/rooms/allowed/interpreters', { token: host('allowed'), body });
    for (const [refused, why] of [
      [{ languages: ['es'], allow: ['es'] }, /"allow" goes with "languages": "auto"/],
      [{ languages: 'auto', allow: ['es', 'tlh'] }, /cannot do tlh/],
      [{ languages: 'auto', allow: [] }, /allow/],
      [{ languages: 'auto', model: 'qwen3-livetranslate-flash-realtime' }, /interprets by booth-offline, not qwen3/],
    ] as const)
      expect(await order(refused)).toMatchObject({ status: 400, body: { detail: expect.stringMatching(why) } });
    expect(await order({ languages: 'auto', allow: ['es'], model: 'booth-offline' })).toMatchObject({
      status: 201,
      body: { languages: ['es'] },
    });
    expect(launchesFor('allowed')[0]?.assignment.languages).toEqual(['es']);
  });

  it('are refused what the offline engine does not do', async () => {
    const order = (body: object) =>
      call(server, 'POST', '/v1/rooms/no/interpreters', { token: host('no'), body: { languages: ['es'], ...body } });
    expect(await order({ pictures: 'fixed' })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/does not look at pictures/) },
    });
    expect(await order({ languages: [{ code: 'es', hotwords: { a: 'b' } }] })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/takes no hotwords/) },
    });
  });

  it('are refused for languages that the engine cannot do, and to guests', async () => {
    expect(await send('no', ['de', 'es'])).toMatchObject({
      status: 400,
      body: { code: 'noSuchLanguage', detail: expect.stringMatching(/cannot do de; it can do es, en/) },
    });
    expect(await send('no', [])).toMatchObject({ status: 400 });
    expect(await send('no', 'all')).toMatchObject({ status: 400 });
    const token = tokenOf(person('guest', { room: 'no' }));
    const reply = await call(server, 'POST', '/v1/rooms/no/interpreters', { token, body: { languages: 'auto' } });
    expect(reply).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('stay while somebody is there, and leave with the room when the last person has', async () => {
    const ana = await join(server, person('ana', { room: 'empty' }), { hears: 'es' });
    const booth = await join(server, interpreter('booth', { room: 'empty' }));
    ana.leave();
    const again = await join(server, person('ana', { room: 'empty' }), { hears: 'es' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(launchesFor('empty')).toMatchObject([{ stopped: false }]);
    const end = closed(booth.socket);
    again.leave();
    await expect(end).resolves.toMatchObject({ reason: expect.stringMatching(/everyone has left/) });
    expect(launchesFor('empty')).toMatchObject([{ stopped: true }]);
  });

  it('may wait in a room that was made ahead of its meeting', async () => {
    await send('ahead', 'auto');
    const booth = await join(server, interpreter('booth', { room: 'ahead' }));
    booth.leave();
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(launchesFor('ahead')).toMatchObject([{ stopped: false }]);
    const ana = await join(server, person('ana', { room: 'ahead' }));
    expect(ana.reply.room.interpretation.state).toBe('starting');
  });

  it('do not come where the host does not allow it', async () => {
    const calm = await startTestServer({ onDemand: false });
    try {
      const ana = await join(calm, person('ana'), { hears: 'es' });
      expect(ana.reply.room.interpretation).toEqual({ onDemand: false, pictures: 'off', state: 'off' });
      expect(calm.launches).toEqual([]);
    } finally {
      await calm.close();
    }
  });
});
