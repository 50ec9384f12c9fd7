/**
 * What a server stores in its data folder where it stands by itself, and shares where it does not: revocations, the rules of rooms, who is
 * signed in and the codes of sign-in links. Each is a table that every server holds in full, so that a question is answered without Redis.
 */
import { z } from 'zod';
import type { Logger } from '../logging/logger.ts';
import { type CodeStore, type OperatorStore, StoredCode, StoredOperators } from '../server/auth/operator-access.ts';
import { type RevocationStore, StoredRevocations } from '../server/auth/revocation-list.ts';
import { type RulesStore, StoredRules } from '../server/room/room-rules.ts';
import type { RedisConnection, RedisScript } from './redis-connection.ts';
import { SharedTable } from './shared-table.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rules of a room that was not used for so long are forgotten. */
const RULES_MS = 90 * DAY_MS;

export interface SharedStoreOptions {
  redis: RedisConnection;
  log: Logger;
  /** Milliseconds since 1970. Default: `Date.now`. */
  wallNow?: () => number;
}

/** Revocations reach every server at once. They are only ever added, so that none is lost where two are written at the same time. */
export async function sharedRevocations(options: SharedStoreOptions): Promise<RevocationStore> {
  const schema = StoredRevocations.element;
  const table = await SharedTable.open({ ...options, name: 'revocations', schema });
  return {
    earlier: [...table.values.values()],
    save: (all) =>
      allOf(
        all
          .filter((one) => !isSame(table.get(revocationKey(one)), one))
          .map((one) => table.put(revocationKey(one), one, one.untilMs)),
      ),
    onRevoked: (listener) => table.onChanged((_key, revocation) => revocation && listener(revocation)),
  };
}

const revocationKey = (one: StoredRevocations[number]): string =>
  JSON.stringify('id' in one ? [one.room, 'id', one.id] : [one.room, 'before', one.issuer ?? '']);

/** The rules of rooms: of two changes to one room, the later holds. */
export async function sharedRules(options: SharedStoreOptions): Promise<RulesStore> {
  const { wallNow = Date.now } = options;
  const table = await SharedTable.open({ ...options, name: 'rules', schema: StoredRules.element });
  return {
    earlier: [...table.values.values()],
    async save(all) {
      const kept = new Set(all.map(({ room }) => room));
      const changed = all.filter((rules) => !isSame(table.get(rules.room), rules));
      const removed = [...table.values.keys()].filter((room) => !kept.has(room));
      return allOf([
        ...changed.map((rules) => table.put(rules.room, structuredClone(rules), rules.usedMs + RULES_MS)),
        ...removed.map((room) => table.remove(room, wallNow() + RULES_MS)),
      ]);
    },
    onChanged: (listener) => table.onChanged(listener),
  };
}

/** Who is signed in as the operator's: at any server, with a link that any server has printed. */
export async function sharedOperators(options: SharedStoreOptions): Promise<OperatorStore> {
  const schema = StoredOperators.element;
  const table = await SharedTable.open({ ...options, name: 'operators', schema });
  const codes = await sharedCodes(options);
  const all = () => [...table.values.values()];
  return {
    stored: all(),
    async save(operators) {
      const kept = new Set(operators.map(({ hmac }) => hmac));
      const changed = operators.filter((one) => !isSame(table.get(one.hmac), one));
      const removed = all().filter(({ hmac }) => !kept.has(hmac));
      return allOf([
        ...changed.map((one) => table.put(one.hmac, one, one.untilMs)),
        ...removed.map(({ hmac, untilMs }) => table.remove(hmac, untilMs)),
      ]);
    },
    onChanged: (listener) => table.onChanged(() => listener(all())),
    codes,
  };
}

async function sharedCodes({ redis, ...options }: SharedStoreOptions): Promise<CodeStore> {
  const table = await SharedTable.open({ redis, ...options, name: 'codes', schema: StoredCode });
  return {
    issue: (hmac, code) => void table.put(hmac, code, code.issuedAtMs + HOUR_MS),
    get: (hmac) => table.get(hmac),
    async take(hmac, attempt) {
      const answer = await redis.run(takeCode, [`code-taken:${hmac}`], [attempt, 2 * HOUR_MS]).catch(() => undefined);
      const exchanged = Taken.safeParse(answer).data;
      const code = table.get(hmac);
      // Every server knows it from now on, whatever Redis loses.
      if (exchanged && code) await table.put(hmac, { ...code, exchanged }, code.issuedAtMs + HOUR_MS);
      return exchanged;
    },
    clear() {
      for (const [hmac, { issuedAtMs }] of table.values) void table.remove(hmac, issuedAtMs + HOUR_MS);
    },
  };
}

const Taken = z.tuple([z.string(), z.coerce.number()]).transform(([attempt, atMs]) => ({ attempt, atMs }));

/** ARGV: attempt, for how long it is known. Returns whose the code is, and since when. */
const takeCode: RedisScript = {
  lua: `
    local time = redis.call('TIME')
    redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. (time[1] * 1000 + math.floor(time[2] / 1000)), 'NX', 'PX', ARGV[2])
    local attempt, at = string.match(redis.call('GET', KEYS[1]), '^(.-) (%d+)$')
    return { attempt, at }`,
  keys: 1,
};

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const allOf = async (writes: readonly Promise<boolean>[]): Promise<boolean> =>
  (await Promise.all(writes)).every((isWritten) => isWritten);
