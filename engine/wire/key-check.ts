/** Checks the key that a client of an engine shows. */
import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares digests in constant time, so that the duration of the check tells nothing of the keys.
 *
 * @example
 * isRightKey(['sk-1'], 'sk-1'); // true
 */
export function isRightKey(keys: readonly string[], given: string | undefined): boolean {
  const digest = digestOf(given ?? '');
  let isRight = false;
  for (const key of keys) isRight = timingSafeEqual(digestOf(key), digest) || isRight;
  return isRight && given !== undefined;
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();
