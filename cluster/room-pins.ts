/**
 * Pins each room to one node: in Redis stands which, for as long as that node says so. Any node knows by that where a room is, and which
 * nodes there are.
 *
 * Hard requirements: a room is opened by nobody but whom its pin names, and never while Redis is away. A room that is open stays open
 * while Redis is away, whatever happens to its pin; where another node has opened it meanwhile, the earlier one closes it, and its people
 * come back at the other. One exception: a node to which a room is about to move may open it ahead, for those who are told to connect there,
 * and sends everybody else to the pin's node until the pin is its own.
 *
 * A node renews its pins every two seconds, and they end after eight: then its rooms are free. After Redis was emptied nobody opens a room
 * for six seconds, in which every node writes again what it has.
 */
import { randomUUID } from 'node:crypto';
import { ApiError } from '@mediasoup-booth/protocol';
import { BoundedMap } from '../collections/bounded-map.ts';
import type { Logger } from '../logging/logger.ts';
import type { RoomDirectory } from '../server/room/room-directory.ts';
import { type Clock, every, sleep, systemClock } from '../time/clock.ts';
import { type NodeState, nodeForRoom } from './node-choice.ts';
import { measureNodeLoad } from './node-load.ts';
import type { RedisConnection, RedisScript } from './redis-connection.ts';

export const PIN_MS = 8000;
export const RENEW_MS = 2000;
/** Long enough for every node to reconnect and to write its pins again. */
export const SETTLE_MS = 6000;
/** Pins that are renewed in one step: others wait for Redis meanwhile. */
const PINS_AT_ONCE = 500;
/** Longer than any move takes. */
const MOVE_MS = 60_000;
const MOST_ACCEPTED = 2000;
const NODES = 'nodes';
const BORN = 'pins-born';
const AWAY =
  'a meeting cannot be opened at this moment, as the servers do not reach what they share (Redis): it is tried again';
const MOVING = 'the meeting is just moving to another server: join again';
const NO_NODE = 'every server is being stopped: try again in a moment';

export interface RoomPinsOptions {
  redis: RedisConnection;
  /** The URL under which people reach this node. It names the node. */
  url: string;
  log: Logger;
  /** Default: the clock of this process. */
  clock?: Clock;
  /** How busy this node is, from 0 to 1. Default: its event loop and its processors. */
  load?: () => number;
}

export class RoomPins implements RoomDirectory {
  readonly isShared = true;
  readonly #redis: RedisConnection;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #url: string;
  readonly #life = randomUUID();
  readonly #load: () => number;
  readonly #held = new Set<string>();
  /** Those that are about to move, and to which node. */
  readonly #moving = new Map<string, string>();
  /** Those that were opened here ahead of their move, and until when that is waited for, by this clock. */
  readonly #ahead = new Map<string, number>();
  /** Those of which the node that had them has said that they are this one's, though the pin may not say so yet, and until when. */
  readonly #accepted = new BoundedMap<string, number>(MOST_ACCEPTED);
  readonly #lost = new Set<(room: string) => void>();
  readonly #arrived = new Set<(room: string) => void>();
  readonly #stop: (() => void)[] = [];
  /** As they were told last, this one among them. */
  #nodes: readonly NodeState[] = [];
  #isDraining = false;
  /** In how many exchanges in a row somebody else has told of themselves by this URL. An earlier life of this node is heard of once. */
  #twinHeard = 0;
  #beating: Promise<void> | undefined;
  #closed = false;

  constructor({ redis, url, log, clock = systemClock, load = measureNodeLoad() }: RoomPinsOptions) {
    this.#redis = redis;
    this.#url = url;
    this.#log = log;
    this.#clock = clock;
    this.#load = load;
  }

  /** From now on rooms may come here. Resolves when the others know this node, or Redis is away. */
  async announce(): Promise<void> {
    const beat = () => void this.#beat();
    this.#stop.push(every(this.#clock, RENEW_MS, beat), this.#redis.watch({ recovered: beat, emptied: beat }));
    await this.#beat();
  }

  /** The nodes that there are, by what was heard of them last. */
  get nodes(): readonly NodeState[] {
    return this.#nodes;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  get problem(): string | undefined {
    if (this.#isDraining) return 'this server is being stopped, and gives its meetings to others';
    if (!this.#redis.isReady) return 'Redis cannot be reached: meetings go on, and no new ones are opened';
    return this.#twinHeard > 1 ? `another server says that it is ${this.#url}, too (node.url)` : undefined;
  }

  async claim(room: string, { ahead = false } = {}): Promise<string | undefined> {
    if (this.#isDraining && (ahead || this.#held.has(room))) throw new ApiError('unavailable', MOVING);
    if (this.#held.has(room)) return undefined;
    for (let waitedMs = 0; ; ) {
      const { waitMs, owner, stays } = await this.#ask(room, ahead);
      if (stays) throw new ApiError('unavailable', MOVING);
      if (waitMs === undefined) return this.#claimed(room, owner, ahead);
      if (waitedMs > SETTLE_MS) throw new ApiError('unavailable', AWAY);
      await sleep(this.#clock, waitMs);
      waitedMs += waitMs;
    }
  }

  isAhead(room: string): boolean {
    return this.#ahead.has(room);
  }

  async find(room: string): Promise<string | undefined> {
    if (this.#held.has(room) || !this.#redis.isReady) return undefined;
    const owner = await this.#redis.run(readPin, [pinOf(room), NODES], []).catch(() => null);
    return typeof owner === 'string' && owner !== this.#url ? owner : undefined;
  }

  async announceMove(room: string): Promise<string | undefined> {
    const others = this.#nodes.filter(({ url }) => url !== this.#url);
    const next = nodeForRoom(others, this.#url);
    if (next === undefined || !this.#held.has(room)) return undefined;
    // The next room that is given away at the same time counts this one.
    this.#nodes = this.#nodes.map((node) => (node.url === next ? { ...node, rooms: node.rooms + 1 } : node));
    const isTold = await this.#redis
      .run(announceMove, [pinOf(room), moveOf(room)], [this.#url, next, MOVE_MS])
      .catch(() => 0);
    if (isTold !== 1) return undefined;
    this.#moving.set(room, next);
    return next;
  }

  async handOver(room: string, server: string): Promise<boolean> {
    if (!this.#held.has(room)) return false;
    const keys = [pinOf(room), moveOf(room)];
    const isMoved = await this.#redis.run(movePin, keys, [this.#url, server, PIN_MS]).catch(() => 0);
    if (isMoved === 1) this.#held.delete(room);
    this.#moving.delete(room);
    return isMoved === 1;
  }

  async accept(room: string): Promise<boolean> {
    // Without Redis nobody else can have opened the room meanwhile.
    const isOurs = await this.#redis
      .run(takePin, [pinOf(room), moveOf(room)], [this.#url, PIN_MS])
      .catch(() => (this.#redis.isReady ? 0 : 1));
    if (isOurs !== 1) return false;
    this.#accepted.set(room, this.#clock.now() + PIN_MS + RENEW_MS);
    this.#hold(room);
    return true;
  }

  async release(room: string): Promise<void> {
    this.#ahead.delete(room);
    this.#moving.delete(room);
    this.#accepted.delete(room);
    // Not renewed any more, it ends by itself where Redis cannot be told.
    if (this.#held.delete(room))
      await this.#redis.run(removePin, [pinOf(room), moveOf(room)], [this.#url]).catch(() => {});
  }

  onLost(listener: (room: string) => void): void {
    this.#lost.add(listener);
  }

  onArrived(listener: (room: string) => void): void {
    this.#arrived.add(listener);
  }

  async drain(): Promise<boolean> {
    this.#isDraining = true;
    // One that is under way says that rooms may come here.
    await this.#beating;
    await this.#beat();
    return this.#redis.isReady && nodeForRoom(this.#nodes, this.#url) !== undefined;
  }

  /** The others know at once that this node is gone, and its rooms are free. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stop) stop();
    await this.#beating;
    await this.#redis.run(removeNode, [NODES], [this.#url, this.#life]).catch(() => {});
  }

  /** @param owner undefined: the room may be opened here ahead */
  #claimed(room: string, owner: string | undefined, ahead: boolean): string | undefined {
    if (owner === undefined) this.#ahead.set(room, this.#clock.now() + MOVE_MS);
    else if (owner === this.#url) this.#hold(room);
    // Whoever comes ahead is there already, and would take their own place.
    else if (ahead) throw new ApiError('unavailable', MOVING);
    else return owner;
    return undefined;
  }

  /** The room's pin is this node's own. */
  #hold(room: string): void {
    this.#held.add(room);
    if (this.#ahead.delete(room)) for (const listener of this.#arrived) listener(room);
  }

  /** @returns whose the room is; for how many milliseconds nobody may open one; that it does not move here; nothing of these: it may be opened here ahead */
  async #ask(room: string, ahead: boolean): Promise<{ owner?: string; waitMs?: number; stays?: true }> {
    if (!this.#redis.isReady) throw new ApiError('unavailable', AWAY);
    const candidate = ahead ? this.#url : (nodeForRoom(this.#nodes, this.#url) ?? '');
    const manner = ahead ? 'ahead' : this.#isDraining ? 'draining' : 'open';
    const args = [this.#url, candidate, PIN_MS, SETTLE_MS, manner];
    const keys = [pinOf(room), NODES, BORN, moveOf(room)];
    const answer = await this.#redis.run(claimPin, keys, args).catch((error: unknown) => {
      this.#log.warn({ err: error, room }, 'room could not be pinned');
      throw new ApiError('unavailable', AWAY);
    });
    if (typeof answer === 'number') return { waitMs: answer };
    if (answer === MAY_OPEN_AHEAD) return {};
    if (answer === STAYS) return { stays: true };
    if (typeof answer !== 'string' || answer === '') throw new ApiError('unavailable', NO_NODE);
    return { owner: answer };
  }

  /** Tells the others of this node, and hears of them; renews the pins of its rooms. One at a time. */
  #beat(): Promise<void> {
    this.#beating ??= this.#beatNow().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async #beatNow(): Promise<void> {
    if (!this.#redis.isReady || this.#closed) return;
    try {
      await this.#exchangeStates();
      const rooms = [...this.#held];
      for (let at = 0; at < rooms.length; at += PINS_AT_ONCE) await this.#renew(rooms.slice(at, at + PINS_AT_ONCE));
      // It is gone where Redis was emptied.
      for (const [room, next] of [...this.#moving])
        await this.#redis.run(announceMove, [pinOf(room), moveOf(room)], [this.#url, next, MOVE_MS]);
      for (const room of [...this.#ahead.keys()]) await this.#lookAfter(room);
    } catch (error) {
      this.#log.warn({ err: error }, 'pins of rooms could not be renewed');
    }
  }

  async #exchangeStates(): Promise<void> {
    const state: NodeState = {
      url: this.#url,
      life: this.#life,
      rooms: this.#held.size,
      load: this.#load(),
      draining: this.#isDraining,
    };
    const answer = await this.#redis.run(
      exchangeNodes,
      [NODES, BORN],
      [this.#url, this.#life, JSON.stringify(state), PIN_MS],
    );
    const [twin, ...states] = Array.isArray(answer) ? answer.map(String) : [];
    this.#nodes = states.map((text) => JSON.parse(text) as NodeState);
    this.#twinHeard = twin === 'twin' ? this.#twinHeard + 1 : 0;
    if (this.#twinHeard === 2) this.#log.error({ url: this.#url }, 'another server has the same node.url');
  }

  async #renew(rooms: readonly string[]): Promise<void> {
    const script = { ...renewPins, keys: rooms.length };
    const answer = await this.#redis.run(script, rooms.map(pinOf), [this.#url, PIN_MS]);
    const owners = Array.isArray(answer) ? answer.map(String) : [];
    for (const [at, room] of rooms.entries()) {
      const owner = owners[at];
      if (!owner) continue;
      // What is given away, or taken over, in this moment is not lost.
      if (this.#moving.get(room) === owner || this.#isBeingAccepted(room)) continue;
      if (!this.#held.delete(room)) continue;
      this.#lose(room);
    }
  }

  #isBeingAccepted(room: string): boolean {
    return (this.#accepted.get(room) ?? Number.NEGATIVE_INFINITY) > this.#clock.now();
  }

  /** A room that was opened ahead is this node's when its pin is, or when the node that had it is gone; it is not when it has not moved in time. */
  async #lookAfter(room: string): Promise<void> {
    const { owner, stays = false } = await this.#ask(room, true);
    const untilMs = this.#ahead.get(room);
    if (untilMs === undefined) return;
    if (owner === this.#url) this.#hold(room);
    else if ((stays || this.#clock.now() >= untilMs) && this.#ahead.delete(room)) this.#lose(room);
  }

  #lose(room: string): void {
    this.#log.warn({ room }, 'room is at another server now, it is closed here');
    for (const listener of this.#lost) listener(room);
  }
}

const pinOf = (room: string): string => `pin:${room}`;
/** The URL of the node to which the room is about to move. */
const moveOf = (room: string): string => `move:${room}`;
const MAY_OPEN_AHEAD = 'ahead';
/** It does not move here, or has ended. */
const STAYS = 'stays';

/** In every script: the time of Redis in milliseconds, and whether a node has told of itself lately. */
const shared = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local function alive(nodes, url)
    local entry = redis.call('HGET', nodes, url)
    return entry and cjson.decode(entry).untilMs > now
  end
`;

const readPin: RedisScript = {
  lua: `${shared}
    local owner = redis.call('GET', KEYS[1])
    return owner and alive(KEYS[2], owner) and owner or false`,
  keys: 2,
};

/**
 * KEYS: pin, nodes, when the data set began, the node to which the room moves. ARGV: own URL, the node for a new room, for how long, how long nobody
 * opens rooms at first, and how this node does: `open`, `ahead` of a move, or not at all, as it is `draining`. A node that is ahead takes the room
 * where the one that had it is gone, and not where that has released it: then it has ended, or moves elsewhere.
 */
const claimPin: RedisScript = {
  lua: `${shared}
    local owner = redis.call('GET', KEYS[1])
    local moves = redis.call('GET', KEYS[4]) == ARGV[1]
    if owner and owner ~= ARGV[1] and alive(KEYS[2], owner) then
      return ARGV[5] == 'ahead' and moves and '${MAY_OPEN_AHEAD}' or owner
    end
    if owner == ARGV[1] and ARGV[5] ~= 'draining' then
      redis.call('PEXPIRE', KEYS[1], ARGV[3])
      return owner
    end
    redis.call('SET', KEYS[3], now, 'NX')
    local left = redis.call('GET', KEYS[3]) + ARGV[4] - now
    if left > 0 then return left end
    if ARGV[5] == 'ahead' and not moves then return '${STAYS}' end
    if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
    return ARGV[2]`,
  keys: 4,
};

/** KEYS: pin, the node to which the room moves. ARGV: own URL, that of the next node, for how long. */
const announceMove: RedisScript = {
  lua: `
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
    return 1`,
  keys: 2,
};

/** KEYS: pin, the node to which the room moves. ARGV: own URL, that of the next node, for how long. */
const movePin: RedisScript = {
  lua: `
    local owner = redis.call('GET', KEYS[1])
    if owner == ARGV[2] then return 1 end
    if owner ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    redis.call('DEL', KEYS[2])
    return 1`,
  keys: 2,
};

/** KEYS: pin, the node to which the room moves. ARGV: own URL, for how long. Returns 0 where it does not move here, or not any more. */
const takePin: RedisScript = {
  lua: `
    if redis.call('GET', KEYS[2]) ~= ARGV[1] and redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    redis.call('DEL', KEYS[2])
    return 1`,
  keys: 2,
};

/** KEYS: pin, the node to which the room moves. ARGV: own URL. */
const removePin: RedisScript = {
  lua: `
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    return redis.call('DEL', KEYS[1], KEYS[2])`,
  keys: 2,
};

/** KEYS: pins. ARGV: own URL, for how long. Returns for each whose it is, where it is another's; else nothing. */
const renewPins: RedisScript = {
  lua: `
    local owners = {}
    for place, pin in ipairs(KEYS) do
      local owner = redis.call('GET', pin)
      owners[place] = owner and owner ~= ARGV[1] and owner or ''
      if owners[place] == '' then redis.call('SET', pin, ARGV[1], 'PX', ARGV[2]) end
    end
    return owners`,
  keys: 0,
};

/** KEYS: nodes, when the data set began. ARGV: own URL, own life, own state, for how long. Returns whether there is a twin, and all states. */
const exchangeNodes: RedisScript = {
  lua: `${shared}
    redis.call('SET', KEYS[2], now, 'NX')
    local before = redis.call('HGET', KEYS[1], ARGV[1])
    before = before and cjson.decode(before)
    local answer = { before and before.untilMs > now and before.life ~= ARGV[2] and 'twin' or 'alone' }
    redis.call('HSET', KEYS[1], ARGV[1], cjson.encode({ untilMs = now + ARGV[4], life = ARGV[2], state = ARGV[3] }))
    local all = redis.call('HGETALL', KEYS[1])
    for at = 1, #all, 2 do
      local entry = cjson.decode(all[at + 1])
      if entry.untilMs > now then answer[#answer + 1] = entry.state else redis.call('HDEL', KEYS[1], all[at]) end
    end
    return answer`,
  keys: 2,
};

const removeNode: RedisScript = {
  lua: `
    local entry = redis.call('HGET', KEYS[1], ARGV[1])
    return entry and cjson.decode(entry).life == ARGV[2] and redis.call('HDEL', KEYS[1], ARGV[1]) or 0`,
  keys: 1,
};
