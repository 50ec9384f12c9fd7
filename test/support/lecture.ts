/** A room with one speaker and one interpreter, who both sound without a pause, for those who only listen. */
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { TestBooth } from './booth.ts';
import { Guest, say } from './meeting.ts';
import { RoomListener } from './room-listener.ts';
import { call, interpreter, join, person, type TestClient, type TestServer, tokenOf, type Who } from './server.ts';
import { tone } from './sound.ts';
import { until } from './until.ts';

const ROOM = 'hall';

/** Somebody who may receive everything in the lecture, and publish nothing. */
export const listener = (identity: string): Who => person(identity, { room: ROOM, grants: ['subscribe'] });

export class Lecture {
  /** The track of the speaker's microphone. */
  readonly microphone: string;
  /** The track of the interpreter's Spanish. */
  readonly channel: string;
  readonly #server: TestServer;
  readonly #booth: TestBooth;
  readonly #leaving: (() => void)[];
  #captions = 0;
  #listeners = 0;

  static async begin(server: TestServer): Promise<Lecture> {
    const ana = await Guest.enter(server, person('ana', { room: ROOM, name: 'Ana' }));
    const voice = await say(await ana.room.publishMicrophone(), tone(300, 1000, VOICE_SAMPLE_RATE), { loop: true });
    const booth = await TestBooth.enter(server, ROOM);
    await booth.writes('es');
    await booth.sounds('es');
    const eye = await join(server, interpreter('eye', { room: ROOM }));
    const tracksOf = (name: string) => eye.reply.participants.find(({ id }) => id === name)?.producers ?? [];
    const [microphone, channel] = [tracksOf('ana')[0]?.id, tracksOf('booth')[0]?.id];
    eye.leave();
    if (microphone === undefined || channel === undefined) throw new Error('the lecture has not begun');
    return new Lecture(server, booth, { microphone, channel }, [
      () => voice.stop(),
      () => ana.room.close(),
      () => booth.leave(),
    ]);
  }

  private constructor(
    server: TestServer,
    booth: TestBooth,
    { microphone, channel }: { microphone: string; channel: string },
    leaving: (() => void)[],
  ) {
    this.#server = server;
    this.#booth = booth;
    this.microphone = microphone;
    this.channel = channel;
    this.#leaving = leaving;
  }

  /** Sends a caption. @returns its text, which no other has */
  caption(): string {
    const n = ++this.#captions;
    const stable = `frase ${n}`;
    this.#booth.caption({
      speaker: 'Ana',
      language: 'es',
      utterance: `u${n}`,
      kind: 'translation',
      stable,
      final: true,
      start: n,
      end: n + 1,
    });
    return stable;
  }

  /** More people who hear and read all of it. */
  listeners(count: number): RoomListener[] {
    return Array.from({ length: count }, () => {
      const one = new RoomListener(this.#server.url, tokenOf(listener(`listener-${++this.#listeners}`)));
      this.#leaving.push(() => one.leave());
      return one;
    });
  }

  /** Resolves when each of them has heard both tracks. */
  async isHeardBy(listeners: readonly RoomListener[]): Promise<void> {
    await until(() => listeners.every((one) => one.heard(this.microphone) > 0 && one.heard(this.channel) > 0));
  }

  /** Resolves when each of them has heard more of both tracks than before. */
  async goesOnFor(listeners: readonly RoomListener[]): Promise<void> {
    for (const track of [this.microphone, this.channel]) {
      const before = listeners.map((one) => one.heard(track));
      await until(() => listeners.every((one, i) => one.heard(track) > (before[i] ?? 0) + 10));
    }
  }

  /** Somebody whose requests are the test's. */
  async client(who: Who): Promise<TestClient> {
    const client = await join(this.#server, who);
    this.#leaving.push(() => client.leave());
    return client;
  }

  /** Everybody leaves. */
  end(): void {
    for (const leave of this.#leaving.splice(0)) leave();
  }
}

/** Where a client receives: its transport, and the address and port of the media worker that this is on. */
export async function receivingTransport(
  client: TestClient,
): Promise<{ transportId: string; address: string; port: number }> {
  const { id: transportId, iceCandidates } = await client.request('transport.create', { direction: 'recv' });
  const [{ address, port } = { address: '', port: 0 }] = iceCandidates;
  return { transportId, address, port };
}

/** Creates a consumer. */
export const consumed = (client: TestClient, transportId: string, producerId: string) =>
  client.request('consumer.create', { transportId, producerId, rtpCapabilities: client.reply.rtpCapabilities });

/** A gauge of the server's metrics. */
export async function gauge(server: TestServer, name: string): Promise<number> {
  const { body } = await call(server, 'GET', '/metrics');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(String(body))?.[1]);
}
