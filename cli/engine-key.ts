/** The key that clients of a standalone engine or simulator have to show. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../config/schema.ts';

const KEY_BYTES = 32;

/**
 * The configured key, else a random one, which is printed on stderr.
 *
 * @param setting the environment variable by which its clients are given it
 */
export function engineKey({ engine }: Pick<Config, 'engine'>, setting: string): string {
  if (engine.key) return engine.key;
  const key = randomBytes(KEY_BYTES).toString('base64url');
  console.error(`Clients need this key, which is another at each start (or set BOOTH_ENGINE_KEY): ${setting}=${key}`);
  return key;
}
