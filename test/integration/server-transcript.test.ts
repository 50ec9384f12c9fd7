import { mkdir, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join as path } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Grant, Problem, type RoomMessage, Transcript } from '@mediasoup-booth/protocol';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { TextOutput } from '../../bot/room/room-connection.ts';
import { limits } from '../../server/limits.ts';
import { folderNameOf } from '../../server/transcript/room-folder.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { readCaptions } from '../support/caption-events.ts';
import { Guest } from '../support/meeting.ts';
import { caption, original, playout } from '../support/room-messages.ts';
import {
  call,
  interpreter,
  join,
  person,
  startTestServer,
  type TestClient,
  type TestServer,
  tokenOf,
} from '../support/server.ts';
import { until } from '../support/until.ts';

const token = (grants: Grant[], identity = 'ana', room = 'demo') => tokenOf({ identity, room, grants });
const subscriber = token(['subscribe']);
const host = token(['host'], 'host');

/** Asks again and again, one request after the other, until something is over. @returns how many were answered by then */
async function askedUntil(isOver: () => boolean, url: string): Promise<number> {
  let answered = 0;
  while (!isOver()) {
    await (await fetch(url)).arrayBuffer();
    answered++;
    await delay(20);
  }
  return answered;
}

/** What an interpreter says over real SCTP is what is read over real HTTP. */
describe('captions and transcripts over HTTP', () => {
  let server: TestServer;
  let booth: Guest;
  /** Whom the interpreter interprets. */
  let ben: TestClient;
  let spanish: TextOutput;
  let english: TextOutput;
  beforeEach(async () => {
    server = await startTestServer({
      transcripts: { folder: path(temporaryFolder(), 'transcripts'), retentionHours: 24 },
      emptyRoomMs: 300,
    });
    ben = await join(server, person('ben', { name: 'Ben' }));
    booth = await Guest.enter(server, interpreter('booth'));
    spanish = booth.room.publishCaptions('es');
    english = booth.room.publishCaptions('en');
    await Promise.all([spanish.opened, english.opened]);
  });
  afterEach(async () => {
    booth.room.close();
    await server.close();
  });

  const say = (output: TextOutput, ...messages: RoomMessage[]) => {
    for (const message of messages) output.send(JSON.stringify(message));
  };
  const transcript = (query: string, as = subscriber) =>
    call(server, 'GET', `/v1/rooms/demo/transcript${query}`, { token: as });
  /** Once the server has heard as much. */
  const entries = async (language: string, count: number) => {
    const read = async () => {
      const { body } = await transcript(`?language=${language}`);
      const { success, data } = Transcript.safeParse(body);
      return success ? data.entries : [];
    };
    await expect.poll(async () => (await read()).length).toBe(count);
    return read();
  };

  const now = async () => {
    const { body } = await call(server, 'GET', '/v1/rooms/demo', { token: token(['admin']) });
    return (body as { clock: number }).clock;
  };

  it('goes on without its disk, tells so to people, and writes what came meanwhile when the disk is back', async () => {
    const folder = path(temporaryFolder(), 'transcripts');
    const other = await startTestServer({ transcripts: { folder, retentionHours: 24 } });
    onTestFinished(() => other.close());
    await rm(folder, { recursive: true, force: true });
    await writeFile(folder, 'no folder');
    const ana = await join(other, person('ana'));
    await join(other, person('ben', { name: 'Ben' }));
    const interpreting = await Guest.enter(other, interpreter('booth'));
    const captions = interpreting.room.publishCaptions('es');
    await captions.opened;
    const reader = await readCaptions(other, 'demo', 'es', subscriber);
    say(captions, caption('one', { start: 1 }), caption('two', { start: 2 }));
    await until(() => reader.messages.length === 2);
    await ana.hears('room.updated', ({ room }) => room.transcriptFailing === true);
    await rm(folder);
    await until(() => ana.all('room.updated').at(-1)?.room.transcriptFailing === undefined);
    say(captions, caption('three', { start: 3 }));
    await until(() => reader.messages.length === 3);
    const { body } = await call(other, 'GET', '/v1/rooms/demo/transcript?language=es', { token: subscriber });
    expect(Transcript.parse(body).entries.map(({ utterance }) => utterance)).toEqual(['one', 'two', 'three']);
    reader.close();
    interpreting.room.close();
  });

  it('reads a transcript of 32 MB without keeping anybody else waiting', async () => {
    const folder = path(temporaryFolder(), 'transcripts');
    const large = await startTestServer({ transcripts: { folder, retentionHours: 24 } });
    onTestFinished(() => large.close());
    const began = Date.now() - 60_000;
    const lines = [JSON.stringify({ v: 1, room: 'demo', began, zero: began })];
    for (let n = 0, bytes = 0; bytes < 32_000_000; n++) {
      const line = JSON.stringify({ from: 'booth', message: caption(`u${n}`, { start: n * 10, end: n * 10 + 9 }) });
      lines.push(line);
      bytes += line.length + 1;
    }
    const room = path(folder, folderNameOf('demo'));
    await mkdir(room, { recursive: true });
    await writeFile(path(room, `${began}.jsonl`), lines.join('\n'));
    for (const format of ['json', 'srt', 'vtt', 'txt']) {
      let isRead = false;
      const others = askedUntil(() => isRead, `${large.url}/healthz`);
      const response = await fetch(`${large.url}/v1/rooms/demo/transcript?language=es&format=${format}`, {
        headers: { Authorization: `Bearer ${subscriber}` },
      });
      let bytes = 0;
      for await (const piece of response.body ?? []) bytes += piece.length;
      isRead = true;
      expect(bytes).toBeGreaterThan(3_000_000);
      expect(await others).toBeGreaterThan(10);
    }
  });

  describe('a transcript that the host has switched off', () => {
    const settle = (body: unknown, as = host) => call(server, 'PATCH', '/v1/rooms/demo', { token: as, body });
    /** What is said after this has passed the server. */
    const passed = async (utterance: string) => {
      const reader = await readCaptions(server, 'demo', 'es', subscriber);
      await until(() => reader.messages.some((message) => 'utterance' in message && message.utterance === utterance));
      reader.close();
    };

    it('writes nothing from then on, keeps what was said before, and begins again with what is said then', async () => {
      const ana = await join(server, person('ana'));
      expect(ana.reply.room).toMatchObject({ transcript: 'on', transcriptHours: 24 });
      say(spanish, caption('before', { start: 1 }));
      await entries('es', 1);
      expect(await settle({ transcript: false })).toMatchObject({
        status: 200,
        body: { transcript: 'off', transcriptHours: 0 },
      });
      await ana.hears('room.updated', ({ room }) => room.transcript === 'off');
      const offMs = await now();
      say(spanish, caption('meanwhile', { start: offMs }), playout('meanwhile', 'started', offMs));
      await passed('meanwhile');
      await settle({ transcript: true });
      const onMs = await now();
      // Begun while nothing was to be written, ended later.
      say(spanish, caption('astride', { start: offMs }), caption('after', { start: onMs + 1 }));
      expect((await entries('es', 2)).map(({ utterance }) => utterance)).toEqual(['before', 'after']);
    });

    it('stays off in the next meeting', async () => {
      const first = await join(server, person('ana'));
      await settle({ transcript: false });
      booth.room.close();
      first.leave();
      ben.leave();
      await expect
        .poll(async () => (await call(server, 'GET', '/v1/rooms/demo', { token: token(['admin']) })).status)
        .toBe(404);
      const ana = await join(server, person('ana'));
      expect(ana.reply.room.transcript).toBe('off');
      ben = await join(server, person('ben', { name: 'Ben' }));
      booth = await Guest.enter(server, interpreter('booth'));
      spanish = booth.room.publishCaptions('es');
      say(spanish, caption('never', { start: 1 }));
      await passed('never');
      expect(await transcript('?language=es')).toMatchObject({ status: 404 });
    });

    it('is switched by hosts alone', async () => {
      expect(await settle({ transcript: false }, subscriber)).toMatchObject({ status: 403 });
      expect(await settle({ transcript: false }, token(['host'], 'hugo', 'other'))).toMatchObject({ status: 403 });
      expect(await settle({ transcript: 'off' })).toMatchObject({ status: 400 });
    });
  });

  it('what was deleted is told to nobody who comes later, and everyone inside hears that it was', async () => {
    const ana = await join(server, person('ana'));
    say(spanish, caption('one', { start: 1 }));
    await entries('es', 1);
    expect(await call(server, 'DELETE', '/v1/rooms/demo/transcript', { token: host })).toMatchObject({ status: 204 });
    await ana.hears('transcript.deleted');
    expect((await join(server, person('late'))).reply.captions).toEqual([]);
    expect(await transcript('?language=es')).toMatchObject({ status: 404 });
  });

  it('what began to be said before a deletion is not kept where its end or its translation comes after', async () => {
    const ana = await join(server, person('ana'));
    const saidMs = await now();
    say(english, original('one', { start: saidMs }));
    say(spanish, caption('uno', { start: saidMs, final: false, sourceUtterance: 'one' }));
    await entries('en', 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await call(server, 'DELETE', '/v1/rooms/demo/transcript', { token: host });
    await ana.hears('transcript.deleted');
    expect((await join(server, person('late'))).reply.captions).toEqual([]);
    say(spanish, caption('uno', { start: saidMs, sourceUtterance: 'one' }), caption('dos', { start: await now() }));
    expect(await entries('es', 1)).toMatchObject([{ utterance: 'dos' }]);
    expect((await join(server, person('later'))).reply.captions).toMatchObject([{ utterance: 'dos' }]);
  });

  describe('captions', () => {
    it('come with their history first, then live, and end with the meeting', async () => {
      say(spanish, caption('one'), caption('open', { final: false, start: 3000 }), playout('one', 'started', 2000));
      await expect
        .poll(async () => {
          const late = await join(server, person('late'));
          late.leave();
          return late.reply.captions.length;
        })
        .toBe(2);
      const reader = await readCaptions(server, 'demo', 'es', subscriber);
      await until(() => reader.messages.length === 2);
      say(english, original('not'));
      const live = [playout('one', 'ended', 4000), caption('open', { start: 3000 }), caption('three')];
      say(spanish, ...live);
      await until(() => reader.messages.length === 5);
      expect(reader.messages.slice(0, 2)).toMatchObject([{ utterance: 'one' }, { utterance: 'open', final: false }]);
      expect(reader.messages.slice(2)).toEqual(live);
      await server.close();
      await reader.ended;
      expect(reader.end).toMatchObject({ code: 'closed', message: expect.stringMatching(/closing/) });
    });

    it('of the original are what everyone says in their own language', async () => {
      const reader = await readCaptions(server, 'demo', 'original', subscriber);
      say(spanish, caption('no'), playout('no', 'started', 1), original('hola', { language: 'es' }));
      await until(() => reader.messages.length === 1);
      say(english, original('hello'));
      await until(() => reader.messages.length === 2);
      expect(reader.messages.map((message) => message.type === 'caption' && message.utterance)).toEqual([
        'hola',
        'hello',
      ]);
      reader.close();
    });

    it('go on where they were broken off', async () => {
      const first = await readCaptions(server, 'demo', 'es', subscriber);
      say(spanish, caption('one'), caption('two'));
      await until(() => first.messages.length === 2);
      first.close();
      say(spanish, caption('three'));
      await entries('es', 3);
      const resumed = (id = '') => readCaptions(server, 'demo', 'es', subscriber, { 'Last-Event-ID': id });
      const again = await resumed(first.ids[1]);
      await until(() => again.messages.length > 0);
      expect(again.messages).toMatchObject([{ utterance: 'three' }]);
      const other = await resumed(first.ids[1]?.replace(/^./, 'x'));
      await until(() => other.messages.length === 3);
      again.close();
      other.close();
    });

    it('are demand for as long as they are read: of a hidden participant, whom an interpreter alone sees', async () => {
      const eva = await join(server, person('eva'));
      const reader = await readCaptions(server, 'demo', 'es', token(['subscribe'], 'eva'));
      const readers = () => [...booth.room.participants.values()].filter(({ id }) => id.startsWith('reader-'));
      await until(() => readers().length === 1);
      expect(readers()).toMatchObject([
        { hidden: true, kind: 'person', speaks: null, hears: 'original', reads: ['es'] },
      ]);
      await eva.settled();
      expect(eva.all('participant.joined')).toEqual([]);
      expect(eva.socket.readyState).toBe(eva.socket.OPEN);
      reader.close();
      await until(() => readers().length === 0);
      eva.leave();
    });

    it('bring an interpreter in, and keep a room open that nobody else is in', async () => {
      const alone = token(['subscribe'], 'wall', 'alone');
      const reader = await readCaptions(server, 'alone', 'es', alone);
      await until(() => server.launches.length === 1);
      expect(server.launches[0]?.assignment.languages).toBe('auto');
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(server.launches[0]?.stopped).toBe(false);
      reader.close();
      await until(() => server.launches[0]?.stopped === true);
    });

    it('cut off who does not keep up, and tell them why', async () => {
      const slow = await new Promise<IncomingMessage>((resolve) => {
        const url = `${server.url}/v1/rooms/demo/captions?language=es`;
        request(url, { headers: { Authorization: `Bearer ${subscriber}` } }, resolve).end();
      });
      const quick = await readCaptions(server, 'demo', 'es', token(['subscribe'], 'quick'));
      slow.pause();
      const readers = () => [...booth.room.participants.values()].filter(({ id }) => id.startsWith('reader-'));
      await until(() => readers().length === 2);
      // What the sockets of both sides take, and then some.
      const long = 'palabra '.repeat(1900);
      for (let sent = 0; readers().length === 2; sent++) {
        say(spanish, caption(String(sent), { stable: long, final: false }));
        await until(() => quick.messages.length > sent);
        expect(sent).toBeLessThan(2000);
      }
      let text = '';
      slow.on('data', (bytes: Buffer) => {
        text += bytes.toString();
      });
      slow.resume();
      await new Promise((resolve) => slow.once('end', resolve));
      expect(text).toMatch(/event: end\ndata: \{"code":"tooSlow","message":".*keep up.*"\}\n\n$/);
      say(spanish, caption('last'));
      await until(() => quick.messages.at(-1)?.type === 'caption' && quick.messages.length > 10);
      expect(quick.end).toBeUndefined();
      quick.close();
    });

    it('are read by one identity a few times at once, and by another still', async () => {
      const all = await Promise.all(
        Array.from({ length: limits.captionReadersPerIdentity }, () => readCaptions(server, 'demo', 'es', subscriber)),
      );
      await expect(readCaptions(server, 'demo', 'es', subscriber)).rejects.toMatchObject({
        message: expect.stringMatching(/"tooMany".*as often as one may/),
      });
      const other = await readCaptions(server, 'demo', 'es', token(['subscribe'], 'other'));
      all[0]?.close();
      await expect
        .poll(async () => (await readCaptions(server, 'demo', 'es', subscriber).catch(() => undefined)) !== undefined)
        .toBe(true);
      for (const reader of [...all, other]) reader.close();
    });
  });

  describe('transcripts', () => {
    it('have finals as they were heard, beside what they translate', async () => {
      say(english, original('one', { stable: 'Good morning.' }));
      say(
        spanish,
        caption('uno', { stable: 'Bueno', final: false, sourceUtterance: 'one' }),
        caption('uno', { stable: 'Buenos dias.', corrected: 'Buenos días.', sourceUtterance: 'one' }),
        playout('uno', 'started', 2500),
        playout('uno', 'ended', 4000),
        caption('dos', { stable: 'Y', start: 5000, end: 5500, contentFiltered: true }),
      );
      await entries('en', 1);
      expect(await entries('es', 2)).toMatchObject([
        {
          text: 'Buenos días.',
          shown: 'Buenos dias.',
          start: 2500,
          end: 4000,
          said: { start: 1000, end: 2000 },
          speaker: { name: 'Ben' },
          original: { language: 'en', text: 'Good morning.' },
        },
        { text: 'Y', start: 5000, contentFiltered: true },
      ]);
      expect(await entries('original', 1)).toMatchObject([{ text: 'Good morning.', kind: 'original' }]);
    });

    it.each([
      [
        'srt',
        'application/x-subrip',
        '1\n00:00:01,000 --> 00:00:02,000\nBen: سلام\n'.replace('Ben', '\u2068Ben\u2069'),
      ],
      ['vtt', 'text/vtt', 'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ben>سلام\n'],
      ['txt', 'text/plain', '[00:00:01] \u2068Ben\u2069: سلام\n'],
    ])('are to be had as %s', async (format, type, text) => {
      say(spanish, caption('one', { stable: 'سلام' }));
      await entries('es', 1);
      const reply = await transcript(`?language=es&format=${format}`);
      expect(reply).toMatchObject({ status: 200, type: `${type}; charset=utf-8`, body: text });
      expect(reply.headers.get('content-disposition')).toBe(`attachment; filename="demo.es.${format}"`);
      expect(reply.headers.get('cache-control')).toBe('no-store');
    });

    it('are there when the meeting is over, and the next meeting has its own', async () => {
      say(spanish, caption('one'));
      const [first] = await entries('es', 1);
      const ana = await join(server, person('ana'));
      ana.leave();
      ben.leave();
      await until(() => booth.ends.length === 1);
      expect(await entries('es', 1)).toEqual([first]);

      ben = await join(server, person('ben', { name: 'Ben' }));
      booth = await Guest.enter(server, interpreter('booth'));
      say(booth.room.publishCaptions('es'), caption('two'));
      const ofTwo = async () => {
        const { meetings, entries } = Transcript.parse((await transcript('?language=es')).body);
        return { meetings, texts: entries.map(({ text }) => text) };
      };
      await expect.poll(async () => (await ofTwo()).texts).toEqual(['texto two']);
      const [earlier, last] = (await ofTwo()).meetings;
      expect(Date.parse(earlier?.began ?? '')).toBeLessThan(Date.parse(last?.began ?? ''));
      const { body } = await transcript(`?language=es&meeting=${earlier?.meeting}`);
      expect(Transcript.parse(body).entries).toEqual([first]);
    });

    it('are deleted by the host, at once, and go on with what is said then', async () => {
      say(spanish, caption('one'));
      await entries('es', 1);
      expect(await call(server, 'DELETE', '/v1/rooms/demo/transcript', { token: subscriber })).toMatchObject({
        status: 403,
        body: { detail: expect.stringMatching(/"host"/) },
      });
      expect(await call(server, 'DELETE', '/v1/rooms/demo/transcript', { token: host })).toMatchObject({ status: 204 });
      expect(await transcript('?language=es')).toMatchObject({ status: 404 });
      say(spanish, caption('two', { start: await now() }));
      expect(await entries('es', 1)).toMatchObject([{ utterance: 'two' }]);
    });
  });

  it.each<[string, string, number, string, RegExp]>([
    ['transcript?language=es&format=pdf', subscriber, 400, 'invalid', /format.*srt/],
    ['transcript?format=srt', subscriber, 400, 'invalid', /language/],
    ['transcript?language=Spanish', subscriber, 400, 'invalid', /language/],
    ['transcript?language=qq', subscriber, 400, 'noSuchLanguage', /"qq".*\/v1\/languages/],
    ['transcript?language=es&meeting=12', subscriber, 404, 'notFound', /no transcript of room "demo"/],
    ['transcript?language=es', subscriber, 404, 'notFound', /no transcript of room "demo"/],
    ['transcript?language=es', token(['publish']), 403, 'forbidden', /"captions"/],
    ['transcript?language=es', token(['subscribe'], 'ana', 'other'), 403, 'wrongRoom', /"other"/],
    ['transcript?language=es', 'nonsense', 401, 'badToken', /token/],
    ['captions?language=es&language=fr', subscriber, 400, 'invalid', /language/],
    ['captions', subscriber, 400, 'invalid', /language/],
    ['captions?language=qq', subscriber, 400, 'noSuchLanguage', /"qq"/],
    ['captions?language=es', token(['publish']), 403, 'forbidden', /"captions"/],
    ['captions?language=es', token(['host']), 403, 'forbidden', /"captions"/],
  ])('tell what is wrong with %s', async (where, as, status, code, detail) => {
    const reply = await call(server, 'GET', `/v1/rooms/demo/${where}`, { token: as });
    expect(reply).toMatchObject({ status, type: expect.stringMatching(/problem\+json/) });
    expect(Problem.parse(reply.body)).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
  });

  it('tell which languages there are', async () => {
    say(spanish, caption('one'));
    await entries('es', 1);
    expect((await transcript('?language=fr')).body).toMatchObject({
      code: 'notFound',
      detail: expect.stringMatching(/"fr".*there is es/),
    });
  });
});
