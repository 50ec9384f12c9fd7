/** The client against a scripted server, on a scripted device: what it asks for, and what it makes of the answers. */
import { EventEmitter } from 'node:events';
import { CloseCode, finalCloseCodes } from '@mediasoup-booth/protocol';
import type { Device } from 'mediasoup-client/types';
import { describe, expect, it } from 'vitest';
import { person } from '../../../bench/support/views.ts';
import {
  type ConnectionEnd,
  MEDIA_FAILED,
  RoomClient,
  type RoomClientOptions,
  RoomJoinError,
} from '../../../room-client/room-client.ts';
import type { Socket } from '../../../room-client/signalling-client.ts';
import { FakeClock } from '../../../time/fake-clock.ts';

type Answer = { ok: true; data: unknown } | { ok: false; error: { code: string; message: string } };
const refused = (code: string): Answer => ({ ok: false, error: { code, message: `refused: ${code}` } });

const voice = { id: 'voice', kind: 'audio' as const, source: 'microphone' as const, paused: false };
const captions = { id: 'texts', label: 'captions' };

class ScriptedServer implements Socket {
  readonly requests: string[] = [];
  closed = false;
  answers: Record<string, () => Answer | undefined> = {};
  readonly #emitter = new EventEmitter();

  send(text: string): void {
    const { id, method } = JSON.parse(text);
    this.requests.push(method);
    const answer = (this.answers[method] ?? defaults[method] ?? (() => ({ ok: true, data: {} })))();
    if (answer) queueMicrotask(() => this.#says({ id, ...answer }));
  }
  close(): void {
    this.closed = true;
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.#emitter.on(type, listener as (event: unknown) => void);
  }
  notifies(method: string, data: unknown): void {
    this.#says({ method, data });
  }
  ends(code: number, reason = ''): void {
    this.#emitter.emit('close', { code, reason });
  }
  asked(method: string): number {
    return this.requests.filter((asked) => asked === method).length;
  }
  #says(message: unknown): void {
    this.#emitter.emit('message', { data: JSON.stringify(message) });
  }
}

const ok = (data: unknown) => (): Answer => ({ ok: true, data });
const defaults: Record<string, () => Answer> = {
  join: ok({
    you: person('me'),
    participants: [person('me'), person('ann', { producers: [voice], dataProducers: [captions] })],
    clock: 50_000,
    rtpCapabilities: {},
    captions: [],
  }),
  'transport.create': ok({ id: 'transport' }),
  'transport.restartIce': ok({ iceParameters: { usernameFragment: 'new' } }),
  'consumer.create': ok({ id: 'consumer', kind: 'audio', rtpParameters: {} }),
  'dataConsumer.create': ok({ id: 'dataConsumer' }),
};

/** A consumer of either kind; a data channel opens when the test says so, if `opens` is false. */
class ScriptedConsumer extends EventEmitter {
  closed = false;
  readyState: RTCDataChannelState;
  readonly observer = new EventEmitter();
  constructor(opens: boolean) {
    super();
    this.readyState = opens ? 'open' : 'connecting';
  }
  opens(): void {
    this.readyState = 'open';
    this.emit('open');
  }
  close(): void {
    this.closed = true;
    this.observer.emit('close');
  }
}

class ScriptedTransport extends EventEmitter {
  readonly id = 'transport';
  closed = false;
  readonly restarts: unknown[] = [];
  readonly consumers: ScriptedConsumer[] = [];
  channelsOpen = true;
  close(): void {
    this.closed = true;
  }
  async restartIce(parameters: unknown): Promise<void> {
    this.restarts.push(parameters);
  }
  consume = async () => this.#consumer();
  consumeData = async () => this.#consumer();
  #consumer() {
    const consumer = new ScriptedConsumer(this.channelsOpen);
    this.consumers.push(consumer);
    return consumer;
  }
}

function setUp(options: Partial<RoomClientOptions> = {}) {
  const [server, clock, transport] = [new ScriptedServer(), new FakeClock(), new ScriptedTransport()];
  const device = {
    recvRtpCapabilities: {},
    load: async () => {},
    createSendTransport: () => transport,
    createRecvTransport: () => transport,
  } as unknown as Device;
  const join = () => RoomClient.join({ socket: server, device, clock, ...options });
  return { server, clock, transport, join };
}

async function joined() {
  const set = setUp();
  const room = await set.join();
  const ends: ConnectionEnd[] = [];
  room.listen({ onNotification: () => {}, onEnd: (end) => ends.push(end) });
  return { ...set, room, ends };
}

/** What has been answered is acted on. */
const settled = async () => {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
};

describe('joining a room', () => {
  it.each(Object.entries(CloseCode))(
    'fails where the server closes with %s, and says whether that is final',
    async (_, code) => {
      const { server, join } = setUp();
      server.answers.join = () => undefined;
      const failure = join().catch((error: unknown) => error);
      server.ends(code, 'the reason');
      const error = await failure;
      expect(error).toBeInstanceOf(RoomJoinError);
      expect(error).toMatchObject({
        message: 'the reason',
        end: { code, final: finalCloseCodes.has(code) },
        cause: { code: 'closed' },
      });
    },
  );

  it('fails with the words of a server that refuses the request, and closes the socket', async () => {
    const { server, join } = setUp();
    server.answers.join = () => refused('badToken');
    await expect(join()).rejects.toMatchObject({ end: undefined, cause: { code: 'badToken' } });
    expect(server.closed).toBe(true);
  });

  it('waits to be admitted, and joins by the same connection', async () => {
    const { server, join } = setUp({
      onWaiting: () => queueMicrotask(() => server.notifies('waitingRoom.admitted', {})),
    });
    server.answers.join = () => (server.asked('join') === 1 ? refused('waiting') : defaults.join?.());
    const room = await join();
    expect(room.reply.you.id).toBe('me');
    expect(server.asked('join')).toBe(2);
  });

  it('fails where waiting to be admitted is given up', async () => {
    const { server, join } = setUp({ onWaiting: (giveUp) => giveUp() });
    server.answers.join = () => refused('waiting');
    await expect(join()).rejects.toMatchObject({ end: { code: 1000 } });
  });

  it('reads the clock of the room from the reply', async () => {
    const { server, clock, join } = setUp();
    clock.advance(1234);
    const room = await join();
    expect(room.now()).toBe(50_000);
    clock.advance(500);
    expect(room.now()).toBe(50_500);
    expect(server.closed).toBe(false);
  });
});

describe('a joined room', () => {
  it('keeps its roster, and hands notifications on that came before anybody listened', async () => {
    const { server, join } = setUp();
    const room = await join();
    server.notifies('participant.left', { participantId: 'ann' });
    expect([...room.participants.keys()]).toEqual(['me']);
    const names: string[] = [];
    room.listen({ onNotification: (name) => names.push(name), onEnd: () => {} });
    server.notifies('room.updated', {});
    expect(names).toEqual(['participant.left', 'room.updated']);
  });

  it('ends once, with everything that was opened on it', async () => {
    const { server, transport, room, ends } = await joined();
    await room.transport('recv');
    server.ends(CloseCode.replaced, 'elsewhere');
    room.close();
    await settled();
    expect(ends).toEqual([{ code: CloseCode.replaced, reason: 'elsewhere', final: true }]);
    expect(transport.closed).toBe(true);
    await expect(room.consume('voice')).rejects.toMatchObject({ code: 'closed' });
  });

  it('ends when its media failed, unless the server says why first', async () => {
    const { clock, transport, room, ends } = await joined();
    await room.transport('recv');
    transport.emit('connectionstatechange', 'failed');
    clock.advance(500);
    expect(ends).toMatchObject([{ code: MEDIA_FAILED, final: false }]);
    expect(clock.pending).toBe(0);

    const told = await joined();
    await told.room.transport('recv');
    told.transport.emit('connectionstatechange', 'failed');
    told.server.ends(CloseCode.removed);
    told.clock.advance(500);
    expect(told.ends).toMatchObject([{ code: CloseCode.removed }]);
  });
});

describe('consuming', () => {
  it('lets the server send only when the consumer is ready here', async () => {
    const { server, room } = await joined();
    await room.consume('voice', { onConsumer: () => server.requests.push('ready') });
    expect(server.requests.slice(-3)).toEqual(['consumer.create', 'ready', 'consumer.resume']);
  });

  it('lets the server send captions only when the data channel is open here', async () => {
    const { server, transport, room } = await joined();
    transport.channelsOpen = false;
    const consuming = room.consumeData('texts');
    await settled();
    expect(server.asked('dataConsumer.resume')).toBe(0);
    transport.consumers[0]?.opens();
    await consuming;
    expect(server.asked('dataConsumer.resume')).toBe(1);
  });

  it('does not ask for captions of a channel that is closed before it opens', async () => {
    const { server, transport, room } = await joined();
    transport.channelsOpen = false;
    const consuming = room.consumeData('texts');
    await settled();
    server.notifies('dataConsumer.closed', { dataConsumerId: 'dataConsumer' });
    await consuming;
    expect(server.asked('dataConsumer.resume')).toBe(0);
  });

  it('leaves a consumer paused where that is wanted', async () => {
    const { server, room } = await joined();
    await room.consume('voice', { paused: true });
    expect(server.asked('consumer.resume')).toBe(0);
  });

  it.each([
    ['a track', 'consumer', (room: RoomClient) => room.consume('voice')],
    ['texts', 'dataConsumer', (room: RoomClient) => room.consumeData('texts')],
  ] as const)('%s is tried three times, a second apart', async (_, what, consume) => {
    const { server, clock, room } = await joined();
    server.answers[`${what}.create`] = () => refused('busy');
    const failed = expect(consume(room)).rejects.toMatchObject({ code: 'busy' });
    for (const attempts of [1, 2, 3]) {
      await settled();
      expect(server.asked(`${what}.create`)).toBe(attempts);
      clock.advance(1000);
    }
    await failed;
  });

  it('succeeds at a later attempt', async () => {
    const { server, clock, room } = await joined();
    server.answers['consumer.create'] = () =>
      server.asked('consumer.create') === 1 ? refused('busy') : defaults['consumer.create']?.();
    const consuming = room.consume('voice');
    await settled();
    clock.advance(1000);
    await expect(consuming).resolves.toMatchObject({ consumer: { closed: false } });
  });

  it('is not tried again where the producer is gone', async () => {
    const { server, room } = await joined();
    server.answers['consumer.create'] = () => refused('notFound');
    await expect(room.consume('nobody')).rejects.toMatchObject({ code: 'notFound' });
    expect(server.asked('consumer.create')).toBe(1);
  });

  it('closes on the server what was closed here, and here what was closed there', async () => {
    const { server, transport, room } = await joined();
    const { close } = await room.consume('voice');
    close();
    close();
    expect(transport.consumers[0]?.closed).toBe(true);
    expect(server.asked('consumer.close')).toBe(1);
    await room.consume('voice');
    server.notifies('consumer.closed', { consumerId: 'consumer' });
    expect(transport.consumers[1]?.closed).toBe(true);
    expect(server.asked('consumer.close')).toBe(1);
  });
});

describe('a media transport that is disconnected', () => {
  it('is restarted with the parameters of the server, and the room goes on', async () => {
    const { server, clock, transport, room, ends } = await joined();
    await room.transport('recv');
    transport.emit('connectionstatechange', 'connected');
    transport.emit('connectionstatechange', 'disconnected');
    await settled();
    expect(transport.restarts).toEqual([{ iceParameters: { usernameFragment: 'new' } }]);
    transport.emit('connectionstatechange', 'connected');
    clock.advance(60_000);
    await settled();
    expect(server.asked('transport.restartIce')).toBe(1);
    expect(ends).toEqual([]);
  });

  it('ends the room after 30 s of restarts in vain', async () => {
    const { server, clock, transport, room, ends } = await joined();
    await room.transport('recv');
    transport.emit('connectionstatechange', 'connected');
    transport.emit('connectionstatechange', 'disconnected');
    for (let second = 0; second < 33; second++) {
      if (second <= 30) expect(ends).toEqual([]);
      clock.advance(1000);
      await settled();
    }
    expect(server.asked('transport.restartIce')).toBeGreaterThan(10);
    expect(ends).toMatchObject([{ code: MEDIA_FAILED, final: false }]);
  });

  it('ends the room where the server has closed its end of the transport', async () => {
    const { server, clock, transport, room, ends } = await joined();
    server.answers['transport.restartIce'] = () => refused('notFound');
    await room.transport('recv');
    transport.emit('connectionstatechange', 'connected');
    transport.emit('connectionstatechange', 'failed');
    await settled();
    clock.advance(500);
    expect(server.asked('transport.restartIce')).toBe(1);
    expect(ends).toMatchObject([{ code: MEDIA_FAILED, final: false }]);
  });

  it('is told to the listener while nothing gets through, and when it does again', async () => {
    let report: (isSilent: boolean) => void = () => {};
    const { transport, join } = setUp({
      watchSilence: (_, onSilence) => {
        report = onSilence;
        return () => {};
      },
    });
    const room = await join();
    const lost: boolean[] = [];
    room.listen({ onNotification: () => {}, onEnd: () => {}, onMediaLost: (isLost) => lost.push(isLost) });
    await room.transport('recv');
    transport.emit('connectionstatechange', 'connected');
    report(true);
    transport.emit('connectionstatechange', 'disconnected');
    report(false);
    expect(lost).toEqual([true]);
    transport.emit('connectionstatechange', 'connected');
    expect(lost).toEqual([true, false]);
  });

  it('ends the room where the server does not answer a restart within 2 s', async () => {
    const { server, clock, transport, room, ends } = await joined();
    server.answers['transport.restartIce'] = () => undefined;
    await room.transport('recv');
    transport.emit('connectionstatechange', 'connected');
    transport.emit('connectionstatechange', 'disconnected');
    clock.advance(2_000);
    await settled();
    clock.advance(500);
    expect(ends).toMatchObject([{ code: MEDIA_FAILED, final: false }]);
  });

  it('is restarted at once when the network changes', async () => {
    const { server, transport, room } = await joined();
    await room.transport('recv');
    transport.emit('connectionstatechange', 'connected');
    room.networkChanged();
    await settled();
    expect(server.asked('transport.restartIce')).toBe(1);
  });
});
