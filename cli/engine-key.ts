/** The key that clients of a standalone engine or simulator have to show. */
import { randomBytes } from 'node:crypto';
import type { Config } from '../config/schema.ts';

const KEY_BYTES = 32;

/**
 * The configured key, else a random one.
 *
 * @param setting the environment variable by which its clients are given it
 * @returns with it, what prints a random key on stderr, once clients can connect
 *
 * @example
 * const { key, printIfNew } = engineKey(settings.config, 'BOOTH_ENGINE_KEY');
 */
export function engineKey({ engine }: Pick<Config, 'engine'>, setting: string): { key: string; printIfNew(): void } {
  if (engine.key) return { key: engine.key, printIfNew() {} };
  const key = randomBytes(KEY_BYTES).toString('base64url');
  return {
    key,
    printIfNew: () =>
      console.error(
        `Clients need this key, which is another at each start unless BOOTH_ENGINE_KEY is set: ${setting}=${key}`,
      ),
  };
}
