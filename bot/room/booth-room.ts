/** A room of Booth's own server, over its signalling: one of the hosts that a headless participant can be in. */
import {
  finalCloseCodes,
  type JoinReply,
  type Notifications,
  type Preferences,
  signalUrl,
} from '@mediasoup-booth/protocol';
import { followRoom } from '../../room-client/follow-room.ts';
import { mediaRequests } from '../../room-client/media-requests.ts';
import type { RoomMove } from '../../room-client/next-connection.ts';
import { Roster, rosterChange } from '../../room-client/roster.ts';
import { SignallingClient, SignallingError, type SocketEnd } from '../../room-client/signalling-client.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import { joinError } from './join-error.ts';
import { openSocket } from './open-socket.ts';
import { RemoteConnectionLimiter } from './remote-connection-limiter.ts';
import type { JoinRoom, RemoteLink, RemoteRoom } from './remote-room.ts';

export interface BoothRoomOptions {
  /** `ws://…/v1/signal` */
  url: string;
  token: string;
  preferences?: Partial<Preferences>;
  /** The name where the token has none. */
  name?: string;
  /** The fencing token of an interpreter that a worker runs. */
  fence?: number;
  /** The room is about to move to this server. */
  ahead?: boolean;
  /** Called when the room is about to move to another server of the cluster. */
  onMoving?(move: RoomMove): void;
  /** Called when it has moved there: this connection ends then. Where it ends without this, the room is where it was. */
  onMoved?(): void;
  /** Default: the system's. */
  clock?: Clock;
}

/**
 * How to join a room of Booth's server.
 *
 * @example
 * await runInterpreter({ engine, join: boothRoom({ url, token }), signal });
 */
export const boothRoom =
  (options: BoothRoomOptions): JoinRoom =>
  async (link) => {
    try {
      return await followRoom(options.url, (server) => joinAt({ ...options, url: signalUrl(server) }, link));
    } catch (error) {
      throw joinError(error);
    }
  };

async function joinAt(
  { url, token, preferences, name, fence, ahead, onMoving, onMoved, clock = systemClock }: BoothRoomOptions,
  link: RemoteLink,
): Promise<RemoteRoom> {
  const signalling = new SignallingClient(await openSocket(url, token), { clock });
  signalling.on('room.moving', ({ server }) => onMoving?.({ server, ready: () => sayReady(signalling) }));
  signalling.on('room.moved', () => onMoved?.());
  try {
    const reply = await signalling.request('join', {
      ...(name !== undefined && { name }),
      ...(fence !== undefined && { fence }),
      ...(ahead && { ahead }),
      ...preferences,
    });
    return roomOf(signalling, reply, link, clock);
  } catch (error) {
    const { ended } = signalling;
    signalling.close();
    const isElsewhere = error instanceof SignallingError && error.server !== undefined;
    throw isElsewhere ? error : joinError(error, ended && isFinal(ended));
  }
}

function roomOf(signalling: SignallingClient, reply: JoinReply, link: RemoteLink, clock: Clock): RemoteRoom {
  const media = mediaRequests(signalling);
  const roster = new Roster(reply.participants);
  const connectionLimiter = new RemoteConnectionLimiter(signalling, clock);
  const clockOffsetMs = reply.clock - clock.now();
  let { budget } = reply;
  signalling.onNotification((name, data) => {
    const change = rosterChange(name, data);
    if (change) roster.apply(change);
    else if (name === 'budget.changed') budget = (data as Notifications['budget.changed']).budget ?? undefined;
    else return;
    link.changed();
  });
  signalling.on('consumer.closed', ({ consumerId }) => link.consumerClosed(consumerId));
  signalling.on('dataConsumer.closed', ({ dataConsumerId }) => link.consumerClosed(dataConsumerId));
  const ended = (end: SocketEnd) =>
    link.ended(end.reason || `the connection to the room was lost (${end.code})`, !isFinal(end));
  signalling.onEnd(ended);
  if (signalling.ended) ended(signalling.ended);
  return {
    ...media,
    createTransport: ({ direction }) => media.createTransport(direction),
    self: reply.you.id,
    routerRtpCapabilities: reply.rtpCapabilities,
    recentCaptions: reply.captions,
    connectionLimiter,
    get budget() {
      return budget;
    },
    people: () => roster.participants.values(),
    now: () => clock.now() + clockOffsetMs,
    update: (preferences) => signalling.request('participant.update', preferences),
    suggest: (participantId, speaks) => signalling.request('participant.suggest', { participantId, speaks }),
    setTooQuiet: (participantId, isTooQuiet) =>
      signalling.request('participant.setTooQuiet', { participantId, isTooQuiet }),
    reportUsage: (report) => signalling.request('usage.report', report),
    // Booth's own page shows them to the hosts.
    tellsDetails: true,
    // The server tells its people what is missing, each in their own language.
    problems() {},
    reportStats: (stats) => signalling.request('interpreter.report', stats),
    async sentBytes(producerId) {
      return (await signalling.request('producer.sent', { producerId })).bytes;
    },
    close() {
      // It reports its last tokens over the connection.
      connectionLimiter.close();
      signalling.close();
    },
  };
}

/** A server that cannot be told waits no longer than it would for an older client. */
function sayReady(signalling: SignallingClient): void {
  signalling.request('room.readyToMove', {}).catch(() => {});
}

const isFinal = ({ code }: SocketEnd): boolean => finalCloseCodes.has(code);
