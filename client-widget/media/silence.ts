/** Tells a microphone that gives nothing from a person who is quiet for a moment: 5 s without any sound. Pure. */
const QUIET = 0.1;
export const SILENT_AFTER_MS = 5_000;

export class SilenceDetector {
  #lastSoundMs: number | undefined;

  /** @returns whether there was no sound for 5 s */
  push(level: number, nowMs: number): boolean {
    if (this.#lastSoundMs === undefined || level > QUIET) this.#lastSoundMs = nowMs;
    return nowMs - this.#lastSoundMs >= SILENT_AFTER_MS;
  }
}
