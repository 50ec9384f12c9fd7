/**
 * How the nodes of a cluster recognise each other: each proves that it knows the cluster's secret, which itself is never sent. No token
 * of a room is of any use here, and no credential of the cluster lets anybody into a room.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { BoundedSet } from '../../collections/bounded-map.ts';

/** The secret that nodes prove with, and an earlier one that is accepted too while they are being changed. */
export type ClusterSecrets = readonly [current: string, previous?: string | undefined];

/** How far the clocks of two machines may be apart. */
const CLOCK_SKEW_MS = 60_000;
/** Credentials that were used: more than edge nodes connect within the time for which one is good. */
const USED_REMEMBERED = 10_000;

/**
 * A credential with which a node asks another to be let in; good once, and for a minute.
 *
 * @param wallMs milliseconds since 1970
 */
export function clusterCredential([secret]: ClusterSecrets, wallMs: number): string {
  const said = `${wallMs}.${randomBytes(16).toString('hex')}`;
  return `${said}.${signature(secret, 'asks', said)}`;
}

/** With which the asked node proves that it knows the secret by which it has verified the credential. */
export const answerTo = (credential: string, secret: string): string => signature(secret, 'answers', credential);

/** Whether an answer to a credential is that of a node which knows one of the secrets. */
export const isAnswerTo = (credential: string, answer: string, secrets: ClusterSecrets): boolean =>
  known(secrets).some((secret) => isEqual(answer, answerTo(credential, secret)));

/** Verifies credentials, each of which it accepts once. */
export class ClusterDoor {
  readonly #secrets: ClusterSecrets;
  readonly #wallNow: () => number;
  readonly #used = new BoundedSet<string>(USED_REMEMBERED);

  /** @param wallNow milliseconds since 1970 */
  constructor(secrets: ClusterSecrets, wallNow: () => number) {
    this.#secrets = secrets;
    this.#wallNow = wallNow;
  }

  /** The secret with which a credential was made; undefined: it is wrong, too old, or was used before. */
  verify(credential: string): string | undefined {
    const [wallMs = '', nonce = '', signed = ''] = credential.split('.');
    const said = `${wallMs}.${nonce}`;
    if (!(Math.abs(Number(wallMs) - this.#wallNow()) <= CLOCK_SKEW_MS) || this.#used.has(said)) return undefined;
    const secret = known(this.#secrets).find((one) => isEqual(signed, signature(one, 'asks', said)));
    if (secret !== undefined) this.#used.add(said);
    return secret;
  }
}

const known = (secrets: ClusterSecrets): string[] =>
  secrets.filter((secret) => secret !== undefined && secret !== '') as string[];

const signature = (secret: string, purpose: 'asks' | 'answers', text: string): string =>
  createHmac('sha256', secret).update(`booth-cluster ${purpose} ${text}`).digest('hex');

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
