/**
 * Keeps the players of a page playing: what the system pauses, as when headphones are pulled out or a call comes in, plays again by itself
 * after 1 s, then after longer and longer pauses, and at once when the person comes back: with a tap or a key, with the page in view again,
 * or with another loudspeaker. Where the browser refuses, `blocked` says so until it lets the page sound.
 */
import { Backoff } from '../../time/backoff.ts';
import type { Clock } from '../../time/clock.ts';
import { Store } from '../state/store.ts';
import type { AudioPlayer } from './audio-player.ts';

const pauses = { firstMs: 1_000, maxMs: 30_000 };
/** After this long without a pause the next one counts as the first. */
const FORGOTTEN_AFTER_MS = 60_000;

export type StartedPlayer = Pick<AudioPlayer, 'start' | 'onPaused'>;

export class PlayerStarter {
  /** Whether the browser waits for a gesture before it plays sound. */
  readonly blocked = new Store(false);
  readonly #clock: Clock;
  readonly #players = new Set<StartedPlayer>();
  /** Players that should play and do not. */
  readonly #silent = new Map<StartedPlayer, 'paused' | 'refused'>();
  readonly #backoff = new Backoff(pauses);
  readonly #unwatch: () => void;
  #cancelRestart: (() => void) | undefined;
  #pausedMs = Number.NEGATIVE_INFINITY;

  /** @param watch calls its listener when the person comes back, until the function that it returns is called; default: by the browser */
  constructor(clock: Clock, watch: (listener: () => void) => () => void = watchReturn) {
    this.#clock = clock;
    this.#unwatch = watch(() => {
      this.#backoff.reset();
      this.#restart();
    });
  }

  /** Starts a player, and starts it again whenever it is paused, until it is removed. */
  add(player: StartedPlayer): void {
    this.#players.add(player);
    player.onPaused(() => this.#paused(player));
    this.#start(player);
  }

  /** Call it before the player is closed, so that the end is no pause. */
  remove(player: StartedPlayer): void {
    this.#players.delete(player);
    this.#silent.delete(player);
    this.#tell();
  }

  /** Whether nothing is known to keep a player from sounding. */
  isPlaying(player: StartedPlayer): boolean {
    return this.#players.has(player) && !this.#silent.has(player);
  }

  /** Starts all players; call it in a gesture. */
  startAll(): void {
    for (const player of this.#players) this.#start(player);
  }

  close(): void {
    this.#unwatch();
    this.#cancelRestart?.();
    for (const player of [...this.#players]) this.remove(player);
  }

  #paused(player: StartedPlayer): void {
    if (!this.#players.has(player)) return;
    this.#silent.set(player, 'paused');
    this.#tell();
    if (this.#cancelRestart) return;
    const nowMs = this.#clock.now();
    if (nowMs - this.#pausedMs > FORGOTTEN_AFTER_MS) this.#backoff.reset();
    this.#pausedMs = nowMs;
    this.#cancelRestart = this.#clock.after(this.#backoff.next(), () => this.#restart());
  }

  #restart(): void {
    this.#cancelRestart?.();
    this.#cancelRestart = undefined;
    for (const player of [...this.#silent.keys()]) this.#start(player);
  }

  #start(player: StartedPlayer): void {
    player.start().then(
      () => {
        this.#silent.delete(player);
        this.#tell();
      },
      (error: unknown) => {
        // A player that was removed while it started is no problem.
        if (error instanceof DOMException && error.name === 'NotAllowedError' && this.#players.has(player))
          this.#silent.set(player, 'refused');
        this.#tell();
      },
    );
  }

  #tell(): void {
    this.blocked.set([...this.#silent.values()].includes('refused'));
  }
}

/** Browsers let a page sound after one of these gestures, anywhere on the page. */
const gestures = ['pointerup', 'keydown'] as const;

function watchReturn(listener: () => void): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  for (const gesture of gestures) document.addEventListener(gesture, listener, { signal });
  const shown = () => document.visibilityState === 'visible' && listener();
  document.addEventListener('visibilitychange', shown, { signal });
  // A page that came over plain HTTP has no devices.
  if ('mediaDevices' in navigator) navigator.mediaDevices.addEventListener('devicechange', listener, { signal });
  return () => ending.abort();
}
