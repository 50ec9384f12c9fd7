/** Measures the level of this person's microphone, fifteen times a second, and whether it has been silent for 5 s. */
import { type Clock, systemClock } from '../../time/clock.ts';
import { Store } from '../state/store.ts';
import { LevelMeter } from './audio-levels.ts';
import { isHeard, type LocalMedia } from './local-media.ts';

/** A level below this counts as silence. */
const QUIET = 0.1;
const SILENT_AFTER_MS = 5_000;

/** Tells a microphone that gives nothing from a person who is quiet for a moment. No timers: the time is passed in. */
class SilenceDetector {
  #lastSoundMs: number | undefined;

  /** @returns whether there was no sound for 5 s */
  push(level: number, nowMs: number): boolean {
    if (this.#lastSoundMs === undefined || level > QUIET) this.#lastSoundMs = nowMs;
    return nowMs - this.#lastSoundMs >= SILENT_AFTER_MS;
  }
}

const EVERY_MS = 66;

export class MicrophoneLevel {
  readonly level = new Store(0);
  readonly silent = new Store(false);
  /** The browser measures nothing before a gesture. */
  readonly suspended = new Store(false);
  readonly #local: LocalMedia;
  readonly #clock: Clock;
  readonly #unwatch: () => void;
  #context: AudioContext | undefined;
  #metered: MediaStreamTrack | undefined;
  #meter: LevelMeter | undefined;
  #silence = new SilenceDetector();
  #cancelMeasure: (() => void) | undefined;

  constructor(local: LocalMedia, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#local = local;
    this.#unwatch = local.state.watch(() => this.#reconcile());
    this.#reconcile();
  }

  /** Browsers let nothing that has to do with sound begin before a gesture. */
  resume(): void {
    this.#context?.resume().catch(() => undefined);
  }

  close(): void {
    this.#unwatch();
    this.#stop();
    this.#context?.close().catch(() => undefined);
  }

  #reconcile(): void {
    const { microphone } = this.#local.state.value;
    const track = microphone.is === 'on' ? microphone.track : undefined;
    if (track === this.#metered) return;
    this.#stop();
    if (!track) return;
    this.#metered = track;
    this.#context ??= new AudioContext();
    this.resume();
    this.#meter = new LevelMeter(this.#context, track);
    this.#scheduleMeasure();
  }

  #scheduleMeasure(): void {
    this.#cancelMeasure = this.#clock.after(EVERY_MS, () => {
      this.#scheduleMeasure();
      this.#measure();
    });
  }

  #measure(): void {
    const { microphone } = this.#local.state.value;
    this.suspended.set(this.#context?.state === 'suspended');
    const listening = this.#context?.state === 'running' && isHeard(microphone);
    if (!listening || !this.#meter) {
      this.#silence = new SilenceDetector();
      this.level.set(0);
      this.silent.set(false);
      return;
    }
    const level = this.#meter.level();
    this.level.set(level);
    this.silent.set(this.#silence.push(level, this.#clock.now()));
  }

  #stop(): void {
    this.#cancelMeasure?.();
    this.#meter?.close();
    this.#meter = undefined;
    this.#metered = undefined;
    this.#silence = new SilenceDetector();
    this.level.set(0);
    this.silent.set(false);
  }
}
