/** Rooms of a server that stands beside others: which it opens, and when others may. */
import { describe, expect, it, vi } from 'vitest';
import type { Room } from '../../../../server/room/room.ts';
import { everyRoomHere, type RoomDirectory, RoomElsewhereError } from '../../../../server/room/room-directory.ts';
import { MOVED, Rooms } from '../../../../server/room/rooms.ts';

function shared(directory: Partial<RoomDirectory>, { written = async () => {} } = {}) {
  const opened: {
    name: string;
    isAhead: boolean;
    closed(): void;
    close: ReturnType<typeof vi.fn>;
    arrive: ReturnType<typeof vi.fn>;
  }[] = [];
  const released: string[] = [];
  let [lost, arrived]: ((room: string) => void)[] = [];
  const rooms = new Rooms(
    async (name, { isAhead, closed }) => {
      const room = {
        ...{ name, isAhead, closed: () => closed(room as never) },
        ...{ close: vi.fn(async () => {}), arrive: vi.fn(async () => {}) },
      };
      opened.push(room);
      return room as unknown as Room;
    },
    {
      ...everyRoomHere,
      release: async (room) => void released.push(room),
      onLost: (listener) => {
        lost = listener;
      },
      onArrived: (listener) => {
        arrived = listener;
      },
      ...directory,
    },
    written,
  );
  return { rooms, opened, released, lose: (room: string) => lost?.(room), arrive: (room: string) => arrived?.(room) };
}

describe('the rooms of a server beside others', () => {
  it('are opened where no other server has them', async () => {
    const { rooms, opened } = shared({ claim: async () => undefined });
    await rooms.obtain('demo');
    expect(opened.map(({ name }) => name)).toEqual(['demo']);
  });

  it('are not opened where another has them: who asks is told which, and may ask again', async () => {
    const claim = vi.fn(async () => 'https://node-2');
    const { rooms, opened, released } = shared({ claim });
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(rooms.obtain('demo')).rejects.toMatchObject({ code: 'elsewhere', server: 'https://node-2' });
    await expect(rooms.obtain('demo')).rejects.toBeInstanceOf(RoomElsewhereError);
    expect([opened, released, claim.mock.calls.length, rooms.has('demo')]).toEqual([[], [], 3, false]);
  });

  it('are released when they have closed and all is written of them', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { rooms, opened, released } = shared({}, { written: () => promise });
    await rooms.obtain('demo');
    opened[0]?.closed();
    await new Promise((turn) => setImmediate(turn));
    expect(released).toEqual([]);
    resolve();
    await vi.waitFor(() => expect(released).toEqual(['demo']));
  });

  it('stay this server’s where they are opened again before all is written', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { rooms, opened, released } = shared({}, { written: () => promise });
    await rooms.obtain('demo');
    opened[0]?.closed();
    await rooms.obtain('demo');
    resolve();
    await new Promise((turn) => setImmediate(turn));
    expect([opened.length, released]).toEqual([2, []]);
  });

  it('are closed when another server has opened them meanwhile', async () => {
    const { rooms, opened, lose } = shared({});
    await rooms.obtain('demo');
    lose('other');
    expect(opened[0]?.close).not.toHaveBeenCalled();
    lose('demo');
    expect(opened[0]?.close).toHaveBeenCalledExactlyOnceWith(MOVED);
  });

  it('that are opened ahead of their move are entered by nobody else, until they have arrived', async () => {
    let owner: string | undefined = 'https://node-1';
    const { rooms, opened, arrive } = shared({
      claim: async (_room, { ahead = false } = {}) => (ahead ? undefined : owner),
      isAhead: () => owner !== undefined,
    });
    await expect(rooms.obtain('demo')).rejects.toMatchObject({ code: 'elsewhere', server: owner });
    const ahead = await rooms.obtain('demo', { ahead: true });
    expect(await rooms.obtain('demo', { ahead: true })).toBe(ahead);
    await expect(rooms.obtain('demo')).rejects.toMatchObject({ code: 'elsewhere', server: owner });
    expect(opened.map(({ isAhead }) => isAhead)).toEqual([true]);
    expect(opened[0]?.arrive).not.toHaveBeenCalled();
    owner = undefined;
    arrive('demo');
    expect(await rooms.obtain('demo')).toBe(ahead);
    expect(opened[0]?.arrive).toHaveBeenCalledOnce();
  });

  it('open ahead for who is sent there, though somebody else has asked at the same time', async () => {
    const { rooms } = shared({
      claim: async (_room, { ahead = false } = {}) => (ahead ? undefined : 'https://node-1'),
      isAhead: () => true,
    });
    const asked = await Promise.allSettled([
      rooms.obtain('demo'),
      rooms.obtain('demo', { ahead: true }),
      rooms.obtain('demo', { ahead: true }),
    ]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('that do not move here after all are closed, also where they are still being opened', async () => {
    const { rooms, opened } = shared({ claim: async () => undefined, isAhead: () => true });
    const opening = rooms.obtain('demo', { ahead: true });
    await rooms.abandon('demo');
    await opening;
    expect(opened[0]?.close).toHaveBeenCalledExactlyOnceWith(MOVED, { over: true });
    await rooms.abandon('hall');
  });

  it('are not accepted where their server has given the move up', async () => {
    const { rooms } = shared({ claim: async () => undefined, isAhead: () => true, accept: async () => false });
    await rooms.obtain('demo', { ahead: true });
    await expect(rooms.accept('demo')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(rooms.accept('hall')).rejects.toMatchObject({ code: 'notFound' });
  });
});
