/** Limits the room messages of each interpreter, in number and in bytes, over all of its channels. Knows at most 256 interpreters. */
import { BoundedMap } from '../../collections/bounded-map.ts';
import { limits } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';

export class MessageLimiter {
  readonly #nowMs: () => number;
  readonly #interpreters = new BoundedMap<string, { messages: TokenBucket; bytes: TokenBucket }>(256);

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Counts a message. @returns whether it is within the limits */
  take(interpreter: string, bytes: number): boolean {
    const nowMs = this.#nowMs();
    const own = this.#interpreters.get(interpreter) ?? {
      messages: new TokenBucket(limits.roomMessages, nowMs),
      bytes: new TokenBucket(limits.roomMessageBytes, nowMs),
    };
    this.#interpreters.set(interpreter, own);
    return own.messages.take(nowMs) && own.bytes.take(nowMs, bytes);
  }
}
