/**
 * The ids of what this server issues prove by themselves that it has issued them, and for which room: no list of them is needed. An id
 * is a UUID (version 8, RFC 9562) of 60 random bits and of 62 bits of a code (HMAC-SHA256) that the secret makes of them and the room.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const RANDOM_BYTES = 8;
const UUID_BYTES = 16;

/** A new id. @param secret the one that signs the token */
export function newTokenId(secret: string, room: string): string {
  const random = randomBytes(RANDOM_BYTES);
  // The version of the UUID.
  random.writeUInt8(0x80 | (random.readUInt8(6) & 0x0f), 6);
  return uuidOf(Buffer.concat([random, authenticationCode(secret, room, random)]));
}

/**
 * Whether this id was issued for the room by whoever has one of the secrets.
 *
 * @example
 * isIssuedId(secrets, 'demo', newTokenId(secret, 'demo')); // true
 * isIssuedId(secrets, 'demo', randomUUID()); // false
 */
export function isIssuedId(secrets: readonly string[], room: string, id: string): boolean {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  if (bytes.length !== UUID_BYTES) return false;
  const [random, code] = [bytes.subarray(0, RANDOM_BYTES), bytes.subarray(RANDOM_BYTES)];
  return secrets.some((secret) => timingSafeEqual(authenticationCode(secret, room, random), code));
}

function authenticationCode(secret: string, room: string, random: Uint8Array): Buffer {
  const code = createHmac('sha256', secret).update(`booth token id\n${room}\n`).update(random).digest().subarray(0, 8);
  // The variant of the UUID.
  code.writeUInt8(0x80 | (code.readUInt8(0) & 0x3f), 0);
  return code;
}

const uuidOf = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
