import { CloseCode, MAX_SIGNAL_BYTES, requests } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { signInvite, signToken } from '../../server/auth/jwt.ts';
import {
  closed,
  connect,
  interpreter,
  join,
  openSocket,
  opus,
  person,
  secret,
  startTestServer,
  type TestServer,
  tokenOf,
  type Who,
} from '../support/server.ts';

describe('signalling', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ joinWithinMs: 500 });
  });
  afterAll(() => server.close());

  describe('joining', () => {
    it('is answered with the room, the others and oneself, in the promised shape', async () => {
      const ana = await join(server, person('ana', { room: 'shape', name: 'Ana' }), { speaks: 'es', reads: ['es'] });
      const ben = await join(server, person('ben', { room: 'shape' }), { name: 'Ben' });
      expect(requests.join.reply.parse(ben.reply)).toBeTruthy();
      expect(ben.reply.you).toMatchObject({ id: 'ben', name: 'Ben', kind: 'person', speaks: null, hears: 'original' });
      expect(ben.reply.participants).toMatchObject([{ id: 'ana', name: 'Ana', speaks: 'es', reads: ['es'] }]);
      expect(ben.reply.room).toMatchObject({ name: 'shape', engine: { label: 'Offline engine' } });
      expect(ben.reply.clock).toBeGreaterThanOrEqual(ana.reply.clock);
      expect((await ana.hears('participant.joined')).participant).toEqual(ben.reply.you);
    });

    it('keeps rooms apart', async () => {
      const here = await join(server, person('ana', { room: 'here' }));
      const there = await join(server, person('ben', { room: 'there' }));
      expect(there.reply.participants).toEqual([]);
      await here.settled();
      expect(here.all('participant.joined')).toEqual([]);
    });

    it('is told to the others, and so is leaving, however the connection ends', async () => {
      const ana = await join(server, person('ana', { room: 'leaving' }));
      const ben = await join(server, person('ben', { room: 'leaving' }));
      await ana.hears('participant.joined');
      ben.socket.terminate();
      await expect(ana.hears('participant.left')).resolves.toEqual({ participantId: 'ben' });
    });

    it('with the same identity replaces the earlier connection: the others see it leave and come', async () => {
      const ana = await join(server, person('ana', { room: 'again' }));
      const first = await join(server, person('ben', { room: 'again' }));
      const end = closed(first.socket);
      const second = await join(server, person('ben', { room: 'again' }));
      await expect(end).resolves.toMatchObject({ code: CloseCode.replaced, reason: expect.stringContaining('again') });
      expect(second.reply.participants).toMatchObject([{ id: 'ana' }]);
      await ana.settled();
      expect(ana.told.map(({ name }) => name)).toEqual([
        'participant.joined',
        'participant.left',
        'participant.joined',
      ]);
      const third = await join(server, person('cleo', { room: 'again' }));
      expect(third.reply.participants.map(({ id }) => id).sort()).toEqual(['ana', 'ben']);
    });

    it.each([
      ['expired', signToken(secret, { identity: 'x', room: 'demo', grants: [] }, -60), /expired|run out/],
      [
        'signed with something else',
        signToken('s'.repeat(40), { identity: 'x', room: 'demo', grants: [] }, 60),
        /sign/,
      ],
      ['an invite', signInvite(secret, { room: 'demo', grants: [] }, 60), /invite/],
      ['nothing', '', /token/],
      ['unsigned', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4IiwiZXhwIjo5OTk5OTk5OTk5fQ.', /sign/],
    ])('with a token that is %s is ended with what is wrong', async (_what, token, reason) => {
      const client = await connect(server, token);
      const end = closed(client.socket);
      await expect(client.join()).rejects.toMatchObject({ code: 'closed', message: expect.stringMatching(reason) });
      await expect(end).resolves.toMatchObject({ code: CloseCode.unauthorized });
    });

    it('has to come in time', async () => {
      const end = closed(await openSocket(server));
      await expect(end).resolves.toMatchObject({ code: CloseCode.unauthorized, reason: expect.stringMatching(/join/) });
    });

    it('has to come first', async () => {
      const client = await connect(server, tokenOf(person('late')));
      const early = client.request('transport.create', { direction: 'send' });
      await expect(early).rejects.toMatchObject({ code: 'notJoined' });
      await expect(client.join()).resolves.toBeTruthy();
      await expect(client.request('join', {})).rejects.toMatchObject({ code: 'alreadyJoined' });
    });

    it('leaves nobody behind who went while the room was opened', async () => {
      const rooms = Array.from({ length: 20 }, (_, n) => `brief-${n}`);
      for (const room of rooms) {
        const socket = await openSocket(server, tokenOf(person('ghost', { room })));
        socket.send(JSON.stringify({ id: 1, method: 'join', data: {} }));
        socket.close();
        await closed(socket);
      }
      for (const room of rooms) {
        const ben = await join(server, person('ben', { room }));
        expect(ben.reply.participants).toEqual([]);
      }
    });

    it('twice at once is answered once', async () => {
      const client = await connect(server, tokenOf(person('hasty', { room: 'brand-new-room' })));
      const [first, second] = await Promise.allSettled([client.request('join', {}), client.request('join', {})]);
      expect(first.status).toBe('fulfilled');
      expect(second).toMatchObject({ status: 'rejected', reason: { code: 'alreadyJoined' } });
    });
  });

  describe('preferences', () => {
    it('are told to the others as a whole when a part changes', async () => {
      const ana = await join(server, person('ana', { room: 'prefs' }), { speaks: 'en' });
      const ben = await join(server, person('ben', { room: 'prefs' }));
      await ana.request('participant.update', { hears: 'es', reads: ['es', 'original'] });
      await expect(ben.hears('participant.updated')).resolves.toEqual({
        participantId: 'ana',
        preferences: { speaks: 'en', hears: 'es', reads: ['es', 'original'], interpret: true, pictures: true },
      });
    });

    it('of the token hold until the participant says otherwise; its name holds for good', async () => {
      const token = signToken(secret, { identity: 'ana', room: 'token', grants: [], speaks: 'fr', name: 'Ana' }, 60);
      const said = await (await connect(server, token)).join();
      expect(said.reply.you).toMatchObject({ speaks: 'fr', name: 'Ana' });
      const unsaid = await (await connect(server, token)).join({ speaks: null, name: 'A.' });
      expect(unsaid.reply.you).toMatchObject({ speaks: null, name: 'Ana' });
    });

    it.each([{ hears: 'qq' }, { reads: ['es', 'qq'] }, { speaks: 'qq' }])(
      'for a language that does not exist are refused: %o',
      async (wish) => {
        const ana = await join(server, person('ana', { room: 'qq' }));
        await expect(ana.request('participant.update', wish)).rejects.toMatchObject({
          code: 'noSuchLanguage',
          message: expect.stringContaining('"qq"'),
        });
        await expect(join(server, person('ben', { room: 'qq' }), wish)).rejects.toMatchObject({
          code: 'noSuchLanguage',
        });
      },
    );
  });

  describe('bad input', () => {
    const joined = async (room: string) => join(server, person('ana', { room }));

    it.each([
      ['not JSON', 'hello', /not JSON/],
      ['a JSON text that is no request', '[]', /not a request/],
      ['a request without an id', '{"method":"join","data":{}}', /id/],
      ['a request with a negative id', '{"id":-1,"method":"join","data":{}}', /id/],
      ['a request without data', '{"id":1,"method":"join"}', /data/],
      ['a request without a method', '{"id":1,"data":{}}', /method/],
      ['binary', Buffer.from('{"id":1,"method":"join","data":{}}'), /binary/],
    ])('that is %s ends the connection with the reason', async (_what, text, reason) => {
      const { socket } = await joined('bad-input');
      const end = closed(socket);
      socket.send(text);
      await expect(end).resolves.toMatchObject({ code: CloseCode.badMessage, reason: expect.stringMatching(reason) });
    });

    it('larger than 64 kB ends the connection', async () => {
      const { socket } = await joined('large');
      const end = closed(socket);
      socket.send(JSON.stringify({ id: 1, method: 'x'.repeat(MAX_SIGNAL_BYTES), data: {} }));
      await expect(end).resolves.toMatchObject({ code: CloseCode.tooLarge });
    });

    it.each([
      ['an unknown method', 'room.explode', {}, 'unknownMethod', /participant\.update/],
      ['a method of every object', 'constructor', {}, 'unknownMethod', /no method/],
      ['a prototype for a method', '__proto__', {}, 'unknownMethod', /no method/],
      ['no data', 'participant.update', null, 'invalid', /participant\.update/],
      ['a wrong shape', 'transport.create', { direction: 'up' }, 'invalid', /direction/],
      ['an impossible language', 'participant.update', { hears: 'Spanish, please' }, 'invalid', /hears.*"es"/],
      ['too many languages', 'participant.update', { reads: ['a', 'b', 'c', 'd', 'e'] }, 'invalid', /reads/],
      ['a transport of nobody', 'transport.restartIce', { transportId: 'x' }, 'notFound', /no .*transport x/],
      ['a producer of nobody', 'producer.close', { producerId: 'x' }, 'notFound', /no producer x/],
      ['a consumer of nobody', 'consumer.resume', { consumerId: 'x' }, 'notFound', /no consumer x/],
    ] as const)('that is %s is answered, and the connection goes on', async (_what, method, data, code, message) => {
      const ana = await joined('answered');
      await expect(ana.request(method as 'participant.update', data as never)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
      await expect(ana.request('participant.update', {})).resolves.toEqual({});
    });

    it.each([
      ['empty', {}],
      ['of numbers where texts belong', { codecs: [{ mimeType: 5, payloadType: 'x', clockRate: null }] }],
      ['with a codec nobody knows', { codecs: [{ mimeType: 'audio/wax', payloadType: 100, clockRate: 1 }] }],
      ['without an SSRC', { ...opus(), encodings: [{}] }],
      [
        'that would spoil the way to the worker',
        { ...opus(), mid: ['a'], codecs: [{ ...opus().codecs[0], parameters: { a: [{}] } }] },
      ],
      ['with an SSRC that is a text', { ...opus(), encodings: [{ ssrc: 'x' }] }],
      ['nested without end', { codecs: JSON.parse('['.repeat(500) + ']'.repeat(500)) }],
    ])('in RTP parameters (%s) is refused, and the room goes on', async (_what, rtpParameters) => {
      const ana = await joined('rtp');
      const { send } = await ana.transports();
      const request = { transportId: send, kind: 'audio', source: 'microphone', rtpParameters } as const;
      await expect(ana.request('producer.create', request as never)).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid|media)$/),
      });
      await expect(ana.request('producer.create', { ...request, rtpParameters: opus() })).resolves.toMatchObject({
        producerId: expect.any(String),
      });
    });

    it('in DTLS parameters is refused, and the room goes on', async () => {
      const ana = await joined('dtls');
      const { send } = await ana.transports();
      const connect = (dtlsParameters: unknown) =>
        ana.request('transport.connect', { transportId: send, dtlsParameters } as never);
      await expect(connect({ fingerprints: 'x' })).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid|media)$/),
      });
      await expect(connect({ fingerprints: [{ algorithm: 'md5', value: 'x' }] })).rejects.toMatchObject({
        code: expect.stringMatching(/^(invalid|media)$/),
      });
      await expect(ana.request('participant.update', {})).resolves.toEqual({});
    });

    it('at another path is not taken for signalling', async () => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/elsewhere`);
      const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
      expect(error.message).toContain('404');
    });

    it('of a client that asks without waiting ends its connection, and nobody else’s', async () => {
      const ana = await joined('flood');
      const ben = await join(server, person('ben', { room: 'flood' }));
      const { send } = await ben.transports();
      const end = closed(ben.socket);
      const requests = Array.from({ length: 3000 }, () => ben.request('transport.restartIce', { transportId: send }));
      await Promise.allSettled(requests);
      await expect(end).resolves.toMatchObject({ code: CloseCode.tooMany, reason: expect.stringMatching(/requests/) });
      await expect(ana.hears('participant.left')).resolves.toEqual({ participantId: 'ben' });
    });

    it('of a client that never stops talking ends its connection', async () => {
      const ana = await joined('chatter');
      const end = closed(ana.socket);
      let talking = true;
      void end.then(() => {
        talking = false;
      });
      while (talking) {
        for (let n = 0; n < 100; n++) ana.socket.send('{"id":1,"method":"nothing","data":{}}');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await expect(end).resolves.toMatchObject({ code: CloseCode.tooMany, reason: expect.stringMatching(/more than/) });
    });
  });

  it('shows hidden participants to interpreters alone', async () => {
    const ana = await join(server, person('ana', { room: 'hidden' }));
    const booth = await join(server, interpreter('booth', { room: 'hidden' }));
    const ghost = await join(server, person('ghost', { room: 'hidden', hidden: true }), { hears: 'es' });
    await ghost.request('participant.update', { hears: 'fr' });
    ghost.leave();
    await booth.hears('participant.left', ({ participantId }) => participantId === 'ghost');
    await ana.settled();
    const ofGhost = booth.told.filter(({ data }) => JSON.stringify(data).includes('ghost'));
    expect(ofGhost.map(({ name }) => name)).toEqual(['participant.joined', 'participant.updated', 'participant.left']);
    expect(ana.told.filter(({ name }) => name !== 'room.updated')).toMatchObject([
      { name: 'participant.joined', data: { participant: { id: 'booth' } } },
    ]);

    await join(server, person('ghost', { room: 'hidden', hidden: true }));
    const present = async (who: Who) => (await join(server, who)).reply.participants.map(({ id }) => id);
    expect(await present(person('ben', { room: 'hidden' }))).toEqual(['ana', 'booth']);
    expect(await present(interpreter('second', { room: 'hidden' }))).toEqual(['ana', 'booth', 'ghost', 'ben']);
  });
});
