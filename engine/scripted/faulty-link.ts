/**
 * The link from the simulated service to a client, which can delay, truncate, duplicate or lose frames, but never reorders them. It holds
 * at most 10,000 delayed frames; further ones are lost.
 */
import type { Clock } from '../../time/clock.ts';
import type { ClientConnection } from '../wire/admission.ts';
import type { RecordedEnd } from './stats.ts';

const MAX_HELD = 10_000;

export interface FaultyLinkOptions {
  client: ClientConnection;
  clock: Clock;
  /** Called once. */
  ended(end: RecordedEnd): void;
}

export class FaultyLink {
  readonly #options: FaultyLinkOptions;
  #held: string[] | undefined;
  #cancelRelease = (): void => {};
  #truncatesNext = false;
  #ended = false;
  /** Every frame is sent twice. */
  duplicates = false;
  /** Translations are sent without `stash`. */
  withoutStash = false;

  constructor(options: FaultyLinkOptions) {
    this.#options = options;
  }

  send(frame: string): void {
    if (this.#ended) return;
    const text = this.withoutStash ? stripped(frame) : frame;
    this.#deliver(text);
    if (this.duplicates) this.#deliver(text);
  }

  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#end({ by: 'service', code, reason });
    this.#options.client.close(code, reason);
  }

  terminate(): void {
    if (this.#ended) return;
    this.#end({ by: 'cut' });
    this.#options.client.terminate();
  }

  /** The client has closed the connection. */
  clientClosed(): void {
    this.#end({ by: 'client' });
  }

  ignoreClose(): void {
    this.#options.client.ignoreClose();
  }

  /** Sends the first half of the next frame, and ends the connection. */
  truncateNext(): void {
    this.#truncatesNext = true;
  }

  sendMalformed(): void {
    this.#deliver('{"event_id":"event_malformed","type":"response.audio.delta","delta":');
  }

  /** Delays all frames for so long, then sends them at once. An infinite time loses them. */
  hold(ms: number): void {
    this.#held ??= [];
    this.#cancelRelease();
    if (Number.isFinite(ms)) this.#cancelRelease = this.#options.clock.after(ms, () => this.#release());
  }

  #deliver(text: string): void {
    if (this.#ended) return;
    if (this.#held) {
      if (this.#held.length < MAX_HELD) this.#held.push(text);
    } else if (this.#truncatesNext) {
      this.#options.client.send(text.slice(0, text.length >> 1));
      this.terminate();
    } else {
      this.#options.client.send(text);
    }
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const text of held) this.#deliver(text);
  }

  #end(end: RecordedEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelRelease();
    this.#held = undefined;
    this.#options.ended(end);
  }
}

function stripped(frame: string): string {
  if (!frame.includes('"stash"') || !frame.includes('"type":"response.')) return frame;
  const { stash: _, ...rest } = JSON.parse(frame) as Record<string, unknown>;
  return JSON.stringify(rest);
}
