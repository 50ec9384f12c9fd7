/** Headless participants in rooms of Booth's own server. */
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { unlimitedConnections } from '../session/connection-limiter.ts';
import { type BoothRoomOptions, boothRoom } from './booth-room.ts';
import { joinRemoteRoom } from './join-remote-room.ts';
import type { RoomConnection, RoomEvents } from './room-connection.ts';

export interface JoinOptions extends BoothRoomOptions {
  clock: Clock;
  events: RoomEvents;
}

/** Booth's server has all that a room can have, so that there is nothing to be told. */
const noLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Joins a room. Resolves when both media transports are created.
 *
 * @throws {JoinError}
 * @example
 * const room = await joinRoom({ url, token, clock: systemClock, events: { changed() {}, ended: ({ reason }) => log(reason) } });
 * await room.publishMicrophone();
 */
export function joinRoom({ events, ...options }: JoinOptions): Promise<RoomConnection> {
  const { clock } = options;
  return joinRemoteRoom({
    join: boothRoom(options),
    clock,
    events,
    log: noLog,
    connectionLimiter: unlimitedConnections,
  });
}
