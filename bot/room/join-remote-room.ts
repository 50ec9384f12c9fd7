/** Joins a host's room: calls the host's `join`, loads the device, creates the transports. */
import { weriftHandlerFactory } from '@mediasoup-booth/werift-handler';
import { Device } from 'mediasoup-client';
import type { RtpCapabilities } from 'mediasoup-client/types';
import type { Clock } from '../../time/clock.ts';
import { callHost } from '../host-call.ts';
import { JoinError, joinError } from './join-error.ts';
import type { JoinRoom, RemoteLink, RemoteRoom } from './remote-room.ts';
import { RemoteRoomConnection, type RemoteRoomOptions } from './remote-room-connection.ts';
import { sctpCapabilities } from './remote-signalling.ts';
import type { RoomConnection, RoomEnd } from './room-connection.ts';

const JOIN_TIMEOUT_MS = 30_000;
const REQUIRED = [
  'people',
  'createTransport',
  'connectTransport',
  'produce',
  'pauseConsumer',
  'resumeConsumer',
  'close',
];

/**
 * Joins a room. Resolves when both media transports are created.
 *
 * @throws {JoinError}
 */
export async function joinRemoteRoom(options: RemoteRoomOptions): Promise<RoomConnection> {
  const { join, clock, iceServers, signal = new AbortController().signal } = options;
  /** Calls of the host's that came before the room was there. */
  const early: ((connection: RemoteRoomConnection) => void)[] = [];
  let connection: RemoteRoomConnection | undefined;
  let end: RoomEnd | undefined;
  const use = (call: (connection: RemoteRoomConnection) => void): void => {
    if (connection) call(connection);
    else early.push(call);
  };
  const device = new Device({ handlerFactory: weriftHandlerFactory({ clock, ...(iceServers && { iceServers }) }) });
  let loading: Promise<void> | undefined;
  const load = (routerRtpCapabilities: RtpCapabilities) => (loading ??= loadDevice(device, routerRtpCapabilities));
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  const link: RemoteLink = {
    signal: leaving.signal,
    capabilities: async (routerRtpCapabilities) => {
      await load(routerRtpCapabilities);
      return { rtpCapabilities: device.recvRtpCapabilities, sctpCapabilities };
    },
    changed: () => use((it) => it.changed()),
    ended: (reason, retryable = true) => {
      end ??= { reason, retryable };
      connection?.end(end);
    },
    consumer: (consumer) => use((it) => it.push(consumer)),
    consumerClosed: (consumerId) => use((it) => it.consumerClosed(consumerId)),
  };
  try {
    const room = await joined(join, link, clock);
    try {
      await load(room.routerRtpCapabilities);
      connection = new RemoteRoomConnection(room, device, options, leave);
      for (const call of early.splice(0)) call(connection);
      await connection.open();
      if (end) throw new JoinError(end.reason, end.retryable);
      return connection;
    } catch (error) {
      if (connection) connection.abandon();
      else
        void callHost(
          () => room.close(),
          (failure) => options.log.error({ err: failure, member: 'close' }, 'member of the room failed'),
        );
      throw error;
    }
  } catch (error) {
    leave();
    throw end ? new JoinError(end.reason, end.retryable) : joinError(error);
  } finally {
    // From now on it is the connection that ends it: the interpreter has something to report first.
    signal.removeEventListener('abort', leave);
  }
}

async function joined(join: JoinRoom, link: RemoteLink, clock: Clock): Promise<RemoteRoom> {
  const { signal } = link;
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(new JoinError('left', true));
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave, { once: true });
  const joining = (async () => join(link))();
  try {
    const waiting = Promise.race([joining, left.promise]);
    return checked(await inTime(waiting, clock));
  } catch (error) {
    // A room that is joined too late is left again.
    joining.then((room) => room.close()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', leave);
    left.promise.catch(() => {});
  }
}

/** @throws what `joining` throws, as it is */
async function inTime<T>(joining: Promise<T>, clock: Clock): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(JOIN_TIMEOUT_MS, () =>
    late.reject(new JoinError(`join() was not over within ${JOIN_TIMEOUT_MS} ms`, true)),
  );
  return Promise.race([joining, late.promise]).finally(cancel);
}

function checked(room: RemoteRoom): RemoteRoom {
  const has = (room ?? {}) as unknown as Record<string, unknown>;
  const missing = REQUIRED.filter((name) => typeof has[name] !== 'function');
  if (!has.routerRtpCapabilities) missing.unshift('routerRtpCapabilities');
  if (missing.length === 0) return room;
  throw new JoinError(`what join() returned has no ${missing.join(', ')}: see RemoteRoom`, false, 'invalid');
}

async function loadDevice(device: Device, routerRtpCapabilities: RtpCapabilities): Promise<void> {
  try {
    await device.load({ routerRtpCapabilities });
  } catch (error) {
    throw new JoinError(`routerRtpCapabilities: ${error instanceof Error ? error.message : error}`, false, 'invalid');
  }
  if (!device.canProduce('audio'))
    throw new JoinError(
      'the router has no Opus: add { kind: "audio", mimeType: "audio/opus", … } to its codecs',
      false,
      'noOpus',
    );
}
