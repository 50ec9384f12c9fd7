/** Which sessions can stand for each other: those that were asked for with the same options. */
import type { SessionOptions } from './translation-session.ts';

const keys = new WeakMap<SessionOptions, string>();

export function keyOf(kind: SessionOptions): string {
  const known = keys.get(kind);
  if (known !== undefined) return known;
  const { source, target, audio, voice, transcript = true, hotwords = {} } = kind;
  const key = JSON.stringify([source, target, audio, voice, transcript, Object.entries(hotwords).sort()]);
  keys.set(kind, key);
  return key;
}
