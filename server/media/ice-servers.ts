/**
 * The STUN and TURN servers that a participant is told of. With a shared secret (coturn's `use-auth-secret`, the "TURN REST API") each has a
 * name and a password that end: the name is `EXPIRY:ID`, the password its HMAC-SHA1. The secret itself is told to nobody.
 */
import { createHash, createHmac } from 'node:crypto';
import type { IceServer } from '@mediasoup-booth/protocol';
import { isTurnUrl } from '../../config/rtc-addresses.ts';

export interface IceServerOptions {
  urls: readonly string[];
  /** How TURN servers let people in. Undefined: there are STUN servers alone. */
  turn?: { secret: string; lifetimeMs: number } | { username: string; credential: string } | undefined;
}

export interface IssuedIceServers {
  iceServers: IceServer[];
  /** Absent: they do not end. */
  expiresInMs?: number;
}

/**
 * @param user tells participants apart, for the TURN server's quotas; only a hash of it is sent there
 * @param wallMs milliseconds since 1970
 *
 * @example
 * issueIceServers({ urls: ['turn:turn.example.org'], turn: { secret, lifetimeMs: 3_600_000 } }, 'lobby/ana', Date.now());
 * // { iceServers: [{ urls: ['turn:turn.example.org'], username: '1790000000:4f0c…', credential: '…' }], expiresInMs: 3600000 }
 */
export function issueIceServers({ urls, turn }: IceServerOptions, user: string, wallMs: number): IssuedIceServers {
  const stun = urls.filter((url) => !isTurnUrl(url));
  const relays = urls.filter(isTurnUrl);
  const withoutAccount = stun.length > 0 ? [{ urls: stun }] : [];
  if (relays.length === 0 || !turn) return { iceServers: withoutAccount };
  if ('username' in turn) return { iceServers: [...withoutAccount, { urls: relays, ...turn }] };
  const id = createHash('sha256').update(user).digest('hex').slice(0, 16);
  const username = `${Math.floor((wallMs + turn.lifetimeMs) / 1000)}:${id}`;
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64');
  return { iceServers: [...withoutAccount, { urls: relays, username, credential }], expiresInMs: turn.lifetimeMs };
}
