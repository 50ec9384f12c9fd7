/** The server's `Room` by itself: a real media worker, and participants whose connections are in the hands of the test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import {
  type BoothRole,
  type CaptionMessage,
  CloseCode,
  type Grant,
  type NotificationName,
  type Notifications,
} from '@mediasoup-booth/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../bench/support/silent-log.ts';
import { offline } from '../../config/models.ts';
import { MediaWorkers, type RoomMedia } from '../../server/media/media-workers.ts';
import type { Announcement } from '../../server/room/announcement.ts';
import type { ParticipantConnection, Profile } from '../../server/room/participant.ts';
import { Room } from '../../server/room/room.ts';
import { RoomRules } from '../../server/room/room-rules.ts';
import { ServerEvents } from '../../server/server-events.ts';
import { Transcripts } from '../../server/transcript/transcripts.ts';
import { systemClock } from '../../time/clock.ts';
import { FakeClock } from '../../time/fake-clock.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { until } from '../support/until.ts';
import { usageAccountingWith } from '../support/usage-accounting.ts';

const EMPTY_MS = 30_000;
const UNVISITED_MS = 3_600_000;

/** A participant's connection that remembers what it was sent. */
class ScriptedConnection implements ParticipantConnection {
  readonly received: { name: NotificationName; data: unknown }[] = [];
  readonly closed: { code: number; reason: string }[] = [];

  notify<N extends NotificationName>(name: N, data: Notifications[N]): void {
    this.received.push({ name, data });
  }
  announce({ name, data }: Announcement): void {
    this.received.push({ name, data });
  }
  close(code: number, reason: string): void {
    this.closed.push({ code, reason });
  }
  get names(): NotificationName[] {
    return this.received.map(({ name }) => name);
  }
  last<N extends NotificationName>(name: N): Notifications[N] | undefined {
    return this.received.findLast((each) => each.name === name)?.data as Notifications[N] | undefined;
  }
}

const profile = (
  id: string,
  grants: readonly Grant[] = ['publish', 'subscribe'],
  more: Partial<Profile> = {},
): Profile => ({
  id,
  identity: id,
  name: id,
  hidden: false,
  grants,
  reader: false,
  credential: { id: `token-of-${id}`, issuers: [], issuedAtMs: 0, launched: false },
  preferences: { speaks: null, hears: 'original', reads: [], interpret: true, pictures: true },
  ...more,
});

describe('a room of the server', () => {
  let workers: MediaWorkers;
  beforeAll(async () => {
    workers = await MediaWorkers.start('127.0.0.1', { port: 0, workers: 1 }, systemClock, silentLog);
  });
  afterAll(() => workers.close());

  let clock: FakeClock;
  let media: RoomMedia;
  let folder: string;
  let launches: { id: string; stopped: boolean }[];
  let closings: number;
  let room: Room;
  beforeEach(async () => {
    clock = new FakeClock();
    launches = [];
    closings = 0;
    folder = temporaryFolder();
    const transcripts = new Transcripts({ folder, retentionMs: 3_600_000, clock, wallNow: Date.now, log: silentLog });
    transcripts.close();
    const createRouter = async () => {
      media = { ...(await workers.createRouter()), workerEnded: Promise.resolve('died') };
      return media;
    };
    room = await Room.open(
      'hall',
      { createRouter },
      {
        engine: { model: offline.id, kind: 'offline', label: 'Offline engine' },
        transcriptHours: 1,
        clock,
        maxLanguages: 8,
        emptyMs: EMPTY_MS,
        unvisitedMs: UNVISITED_MS,
        interpreter: {
          clock,
          onDemand: true,
          pictures: 'off',
          usage: usageAccountingWith(),
          newId: () => `interpreter-${launches.length + 1}`,
          launch: ({ id }) => {
            const launch = { id, stopped: false };
            launches.push(launch);
            return {
              stop: async () => {
                launch.stopped = true;
              },
            };
          },
        },
        media: { carriers: () => workers.carriers, consumersPerRouter: 300 },
        budgetNotice: () => undefined,
        rules: new RoomRules(undefined, () => clock.now()),
        events: new ServerEvents(Date.now),
        isAhead: false,
        record: () => transcripts.record('hall'),
        log: silentLog,
        closed: () => closings++,
      },
    );
  });
  afterEach(() => room.close('the test is over'));

  function enter(who: Profile) {
    const connection = new ScriptedConnection();
    const { participant, reply } = room.join(who, connection);
    room.presenceChanged(participant);
    return { connection, participant, reply };
  }

  it('tells a newcomer who is there, and the others who has come and gone', () => {
    const ana = enter(profile('ana'));
    const ben = enter(profile('ben'));
    expect(ben.reply).toMatchObject({ you: { id: 'ben' }, participants: [{ id: 'ana' }], room: { name: 'hall' } });
    expect(ana.connection.last('participant.joined')).toMatchObject({ participant: { id: 'ben' } });
    expect(ben.connection.names).not.toContain('participant.joined');
    room.leave(ben.participant);
    room.leave(ben.participant);
    expect(ana.connection.names.filter((name) => name === 'participant.left')).toHaveLength(1);
    expect(room.participantCount).toBe(1);
  });

  it('lets whoever joins again replace their earlier connection', () => {
    const ben = enter(profile('ben'));
    const before = enter(profile('ana'));
    enter(profile('ana'));
    expect(before.connection.closed).toMatchObject([{ code: CloseCode.replaced }]);
    expect(ben.connection.names.slice(-2)).toEqual(['participant.left', 'participant.joined']);
    room.leave(before.participant);
    expect(room.participantCount).toBe(2);
  });

  it('shows a hidden reader to interpreters alone, whose demand counts all the same', () => {
    const ana = enter(profile('ana'));
    const booth = enter(profile('booth', ['interpret', 'subscribe']));
    const preferences = { ...profile('reader').preferences, reads: ['es'] };
    const reader = enter(profile('reader', ['subscribe'], { hidden: true, preferences }));
    expect(ana.connection.last('participant.joined')).toMatchObject({ participant: { id: 'booth' } });
    expect(booth.connection.last('participant.joined')).toMatchObject({ participant: { id: 'reader' } });
    expect(enter(profile('cleo')).reply.participants.map(({ id }) => id)).toEqual(['ana', 'booth']);
    expect(launches).toHaveLength(0);
    room.leave(booth.participant);
    expect(launches).toHaveLength(1);
    room.leave(reader.participant);
  });

  it('notifies the others of changed preferences, and launches an interpreter for a language that is chosen', () => {
    const ana = enter(profile('ana'));
    const ben = enter(profile('ben'));
    room.update(ana.participant, { hears: 'es' });
    expect(ben.connection.last('participant.updated')).toMatchObject({
      participantId: 'ana',
      preferences: { hears: 'es', reads: [] },
    });
    expect(launches).toEqual([{ id: 'interpreter-1', stopped: false }]);
    expect(ana.connection.last('room.updated')).toMatchObject({ room: { interpretation: { state: 'starting' } } });
  });

  it('closes when nobody has come for an hour', () => {
    clock.advance(UNVISITED_MS - 1);
    expect(closings).toBe(0);
    clock.advance(1);
    expect(closings).toBe(1);
  });

  it('closes 30 s after the last person has left, unless somebody comes back', () => {
    const ana = enter(profile('ana'));
    const booth = enter(profile('booth', ['interpret']));
    clock.advance(2 * UNVISITED_MS);
    room.leave(ana.participant);
    clock.advance(EMPTY_MS - 1);
    const again = enter(profile('ana'));
    clock.advance(2 * EMPTY_MS);
    expect(closings).toBe(0);
    room.leave(again.participant);
    clock.advance(EMPTY_MS);
    expect(closings).toBe(1);
    expect(booth.connection.closed).toMatchObject([{ code: CloseCode.goingAway }]);
  });

  it('holds 256, and beside them those who are hidden', () => {
    for (let i = 0; i < 256; i++) enter(profile(`p${i}`));
    expect(() => enter(profile('late'))).toThrow(/holds 256/);
    for (let i = 0; i < 300; i++) enter(profile(`h${i}`, ['subscribe'], { hidden: true }));
    expect(() => enter(profile('later'))).toThrow(/holds 256/);
    // Whoever comes back takes their own place.
    enter(profile('p7'));
  });

  it('closes everything that it owns, once', async () => {
    const ana = enter(profile('ana', ['host', 'publish', 'subscribe']));
    room.update(ana.participant, { reads: ['es'] });
    await room.change({ waitingRoom: true });
    const waiting = new ScriptedConnection();
    room.waiting.knock(profile('eve'), waiting);
    const { id } = await ana.participant.openTransport('send');
    const closing = room.close('over');
    expect(room.close('again')).toBe(closing);
    await closing;
    expect(closings).toBe(1);
    expect(ana.connection.closed).toEqual([{ code: CloseCode.goingAway, reason: 'over' }]);
    expect(waiting.closed).toEqual([{ code: CloseCode.goingAway, reason: 'over' }]);
    expect(launches).toMatchObject([{ stopped: true }]);
    expect(() => ana.participant.transport(id)).toThrow(/no "recv" transport/);
    expect(media.router.closed).toBe(true);
    expect(clock.pending).toBe(0);
    expect(() => enter(profile('late'))).toThrow(/just closed/);
    expect(() => room.waiting.knock(profile('late'), waiting)).toThrow(/just closed/);
  });

  it('closes when its media worker closes its router', async () => {
    const ana = enter(profile('ana'));
    media.router.emit('workerclose');
    await until(() => ana.connection.closed.length > 0);
    expect(ana.connection.closed).toMatchObject([{ code: CloseCode.goingAway }]);
    expect(closings).toBe(1);
  });

  it('has people wait until a host admits them, once the waiting room is enabled', async () => {
    const host = enter(profile('hana', ['host', 'subscribe']));
    enter(profile('ana'));
    expect(room.waiting.mustWait(profile('eve'))).toBe(false);
    await room.change({ waitingRoom: true });
    expect(host.connection.last('room.updated')).toMatchObject({ room: { waitingRoom: true } });
    const waits = (id: string) => room.waiting.mustWait(profile(id));
    expect(['ana', 'eve'].map(waits)).toEqual([false, true]);

    const [eve, mallory, last] = [new ScriptedConnection(), new ScriptedConnection(), new ScriptedConnection()];
    room.waiting.knock(profile('eve'), eve);
    room.waiting.knock(profile('mallory'), mallory);
    room.waiting.knock(profile('last'), last);
    expect(host.connection.last('waitingRoom.updated')?.waiting.map(({ id }) => id)).toEqual([
      'eve',
      'mallory',
      'last',
    ]);
    room.waiting.admit('eve');
    room.waiting.deny('mallory');
    expect(eve.names).toEqual(['waitingRoom.admitted']);
    expect(mallory.closed).toMatchObject([{ code: CloseCode.denied }]);
    expect(['eve', 'mallory'].map(waits)).toEqual([false, true]);
    await room.change({ waitingRoom: false });
    expect(last.names).toEqual(['waitingRoom.admitted']);
    expect(['mallory', 'last'].map(waits)).toEqual([false, false]);
  });

  it('removes a person at a host’s request, and whoever came in with what is revoked', () => {
    const host = enter(profile('hana', ['host', 'subscribe']));
    const ana = enter(profile('ana'));
    const reader = enter(profile('reader-1', ['subscribe'], { identity: 'ana', hidden: true }));
    const ben = enter(profile('ben'));
    expect(() => room.removeParticipant(ben.participant, 'ana')).toThrow(/"host"/);
    room.removeParticipant(host.participant, 'ana');
    for (const { connection } of [ana, reader]) expect(connection.closed).toMatchObject([{ code: CloseCode.removed }]);
    room.removeRevoked(({ id }) => id === 'token-of-ben');
    expect(ben.connection.closed).toMatchObject([{ code: CloseCode.revoked }]);
    expect(room.participantCount).toBe(1);
  });

  describe('captions', () => {
    const caption = (utterance: string, start = 0): CaptionMessage => ({
      v: 1,
      seq: 1,
      language: 'es',
      speaker: { id: 'sam', name: 'sam' },
      type: 'caption',
      utterance,
      kind: 'translation',
      stable: `Dice ${utterance}.`,
      final: true,
      start,
    });
    const written = (): string =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => readFileSync(joinPath(folder, name), 'utf8'))
        .join('');

    /** A caption channel of an interpreter, as the room takes it. */
    async function channel() {
      const transport = await media.router.createDirectTransport();
      const booth: BoothRole = { role: 'captions', language: 'es', interpreter: 'booth' };
      const source = await transport.produceData({ label: 'captions', appData: { booth } });
      await room.captions.relay(source);
      enter(profile('sam'));
      return (message: object) => source.send(JSON.stringify(message));
    }

    it('are recorded before anybody reads them, and sent to whoever joins later', async () => {
      const send = await channel();
      const read: { text: string; recorded: boolean }[] = [];
      const unsubscribe = room.captions.onMessage(({ message }) => {
        if (message.type === 'caption')
          read.push({ text: message.stable, recorded: written().includes(message.utterance) });
      });
      send(caption('first'));
      send({ type: 'caption', nonsense: true });
      send(caption('second', 1));
      await until(() => read.length === 2);
      expect(read).toEqual([
        { text: 'Dice first.', recorded: true },
        { text: 'Dice second.', recorded: true },
      ]);
      expect(enter(profile('late')).reply.captions).toMatchObject([{ utterance: 'first' }, { utterance: 'second' }]);
      unsubscribe();
      send(caption('third', 2));
      await until(() => room.captions.recent().length === 3);
      expect(read).toHaveLength(2);
    });

    it('are not recorded while a host has switched that off, and are gone for newcomers once deleted', async () => {
      const ana = enter(profile('ana'));
      const send = await channel();
      await room.change({ transcript: false });
      expect(ana.connection.last('room.updated')).toMatchObject({ room: { transcript: 'off', transcriptHours: 0 } });
      send(caption('secret'));
      await until(() => room.captions.recent().length === 1);
      expect(written()).not.toContain('secret');
      clock.advance(1000);
      room.transcriptDeleted();
      expect(ana.connection.last('transcript.deleted')).toEqual({});
      expect(enter(profile('late')).reply.captions).toEqual([]);
    });
  });
});
