/**
 * Stays in a room of Booth's own server that moves to another one, as when the first is stopped: the next connection is opened while the one before
 * is used, and takes its place in the moment in which that ends, so that nothing that is said is lost.
 */
import { signalUrl } from '@mediasoup-booth/protocol';
import { NextConnection, type RoomMove } from '../../room-client/next-connection.ts';
import { type JoinOptions, joinRoom } from './join-room.ts';
import type { RoomConnection, RoomEnd } from './room-connection.ts';

export interface MovingRoomOptions<P> extends Omit<JoinOptions, 'events' | 'onMoving' | 'onMoved' | 'ahead'> {
  /**
   * Called with each room that was joined, before it is used, to publish and receive what is wanted. Others may be in another one still: nothing is to
   * be sent there before `joined`.
   */
  prepare(room: RoomConnection): Promise<P>;
  /** The room is used from now on, and no other. @param prepared what `prepare` has returned for it */
  joined(room: RoomConnection, prepared: P): void;
  /** Called as `RoomEvents.changed`, also for a room that is not used yet. */
  changed(room: RoomConnection): void;
  /** Called once, when the room that is used has ended and has not moved. */
  ended(end: RoomEnd): void;
}

interface Entered<P> {
  room: RoomConnection;
  prepared: P;
}

/**
 * Joins a room, and resolves when it is used.
 *
 * @returns leaves
 * @throws {JoinError} and what `prepare` throws
 * @example
 * const leave = await joinMovingRoom({
 *   url,
 *   token,
 *   clock: systemClock,
 *   prepare: (room) => room.publishMicrophone(),
 *   joined: (_, microphone) => speakInto(microphone),
 *   changed() {},
 *   ended: ({ reason }) => log(reason),
 * });
 */
export async function joinMovingRoom<P>(options: MovingRoomOptions<P>): Promise<() => void> {
  const { url, clock, prepare, joined, changed } = options;
  const next = new NextConnection<Entered<P>>({
    open: (server, lost) => enter(signalUrl(server), (end) => nextEnded(end, lost), { ahead: true }),
    close: ({ room }) => room.close(),
    clock,
  });
  let used: RoomConnection | undefined;
  let hasLeft = false;
  /** The room that is used has moved to the next server. */
  let hasMoved = false;
  let hasEnded = false;
  let early: RoomEnd | undefined;
  const first = await enter(url, (end) => {
    early = end;
  });
  use(first);
  if (early) void goOn(early);
  return () => {
    hasLeft = true;
    next.close();
    used?.close();
  };

  async function enter(at: string, lost: (end: RoomEnd) => void, { ahead = false } = {}): Promise<Entered<P>> {
    let entered: RoomConnection | undefined;
    const isUsed = () => entered !== undefined && entered === used;
    const room = await joinRoom({
      ...options,
      url: at,
      ahead,
      onMoving: (move: RoomMove) => {
        // A room that moves on before it is used is joined anew.
        if (isUsed() || !used) next.prepare(move);
      },
      onMoved: () => {
        if (isUsed() || !used) hasMoved = true;
      },
      events: {
        changed: () => entered && changed(entered),
        ended: (end) => {
          if (isUsed()) void goOn(end);
          else lost(end);
        },
      },
    });
    entered = room;
    try {
      return { room, prepared: await prepare(room) };
    } catch (error) {
      room.close();
      throw error;
    }
  }

  /** The next connection may end for good while it is waited for. */
  function ended(end: RoomEnd): void {
    if (hasEnded) return;
    hasEnded = true;
    options.ended(end);
  }

  function use({ room, prepared }: Entered<P>): void {
    used = room;
    hasMoved = false;
    joined(room, prepared);
  }

  /** A participant who was sent away from the next server, or has joined there from elsewhere, leaves this one, too. */
  function nextEnded(end: RoomEnd, lost: () => boolean): void {
    if (!lost() || end.retryable) return;
    const room = used;
    used = undefined;
    room?.close();
    ended(end);
  }

  async function goOn(end: RoomEnd): Promise<void> {
    if (!hasMoved) next.close();
    const entered = await next.take();
    if (!entered) ended(end);
    else if (hasLeft) entered.room.close();
    else use(entered);
  }
}
