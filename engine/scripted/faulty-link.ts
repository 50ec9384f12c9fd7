/**
 * The way from the simulated service to a client, on which frames may be held, halved, doubled or lost. In order, always.
 * It holds 10,000 frames: one more is lost.
 */
import type { Clock } from '../../time/clock.ts';
import type { Client } from '../wire/admission.ts';
import type { ConnectionEnd } from './stats.ts';

const MAX_HELD = 10_000;

export interface FaultyLinkOptions {
  client: Client;
  clock: Clock;
  /** Once. */
  ended(end: ConnectionEnd): void;
}

export class FaultyLink {
  readonly #options: FaultyLinkOptions;
  #held: string[] | undefined;
  #cancelRelease = (): void => {};
  #halvesNext = false;
  #ended = false;
  /** Everything comes twice. */
  doubles = false;
  /** Translations come without `stash`. */
  withoutStash = false;

  constructor(options: FaultyLinkOptions) {
    this.#options = options;
  }

  send(frame: string): void {
    if (this.#ended) return;
    const text = this.withoutStash ? stripped(frame) : frame;
    this.#pass(text);
    if (this.doubles) this.#pass(text);
  }

  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.#end({ by: 'service', code, reason });
    this.#options.client.close(code, reason);
  }

  cut(): void {
    if (this.#ended) return;
    this.#end({ by: 'cut' });
    this.#options.client.cut();
  }

  /** The client has gone. */
  gone(): void {
    this.#end({ by: 'client' });
  }

  ignoreClose(): void {
    this.#options.client.ignoreClose();
  }

  /** The next frame is cut in its middle, and the connection with it. */
  halveNext(): void {
    this.#halvesNext = true;
  }

  spoil(): void {
    this.#pass('{"event_id":"event_spoiled","type":"response.audio.delta","delta":');
  }

  /** Nothing for so long, then all of it at once; for ever, and it is lost. */
  hold(ms: number): void {
    this.#held ??= [];
    this.#cancelRelease();
    if (Number.isFinite(ms)) this.#cancelRelease = this.#options.clock.after(ms, () => this.#release());
  }

  #pass(text: string): void {
    if (this.#ended) return;
    if (this.#held) {
      if (this.#held.length < MAX_HELD) this.#held.push(text);
    } else if (this.#halvesNext) {
      this.#options.client.send(text.slice(0, text.length >> 1));
      this.cut();
    } else {
      this.#options.client.send(text);
    }
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const text of held) this.#pass(text);
  }

  #end(end: ConnectionEnd): void {
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
