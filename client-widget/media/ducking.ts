/**
 * Decides whose original is ducked while a translation plays. A speaker is ducked from the start of their translation on the channel that
 * I hear until 1 s after its end, unless they speak the language that I hear. The translation of my own words is muted. A channel that has
 * been silent for 3 s ducks nobody, because an interpreter that crashed announces no end. No timers: the time is passed in.
 */
import type { HeardLanguage, LanguageCode, PlayoutMessage } from '@mediasoup-booth/protocol';

const SESSION_IDLE_TIMEOUT_MS = 1_000;
/** The end of my own translation is announced this long before its last sound arrives. */
const TAIL_MS = 300;
/** No utterance plays longer than this. */
const LONGEST_MS = 60_000;
/** Pauses within a translation are shorter than this. */
const SILENT_MS = 3_000;
const DOWN_MS = 50;
const UP_MS = 400;

interface Sounding {
  speaker: string;
  sinceMs: number;
}

interface DuckingState {
  lowered: ReadonlySet<string>;
  channelMuted: boolean;
  /** When the state changes by itself, if no playout message arrives before; undefined: never. */
  nextAtMs: number | undefined;
}

export class Ducking {
  /** Translations that play now, by utterance: at most those of one channel, and those of an interpreter that crashed. */
  readonly #sounding = new Map<string, Sounding>();
  /** When the last translation of a speaker ended, by speaker id. */
  readonly #endedMs = new Map<string, number>();
  /** When the channel was last heard; undefined: that is not known. */
  #heardMs: number | undefined;
  /** Whether the listener has the channel: what is announced sounds for nobody else. */
  #isPlaying = true;

  /** Whether a translation plays, as far as is announced. */
  get isSounding(): boolean {
    return this.#sounding.size > 0;
  }

  push(playout: Pick<PlayoutMessage, 'utterance' | 'state' | 'speaker'>, nowMs: number): void {
    const { utterance, state, speaker } = playout;
    if (state === 'started') this.#sounding.set(utterance, { speaker: speaker.id, sinceMs: nowMs });
    else if (this.#sounding.delete(utterance) && this.#isPlaying) this.#endedMs.set(speaker.id, nowMs);
  }

  /** Tells whether the channel plays here. While it does not, nobody is lowered for what is announced of it. Default: it plays. */
  setPlaying(isPlaying: boolean, nowMs: number): void {
    if (this.#isPlaying && !isPlaying) this.#noteEnd(nowMs);
    this.#isPlaying = isPlaying;
  }

  /** Tells that the channel sounds or is silent now. */
  setChannelActivity(sounds: boolean, nowMs: number): void {
    if (sounds || this.#heardMs === undefined) this.#heardMs = nowMs;
  }

  /** Ends all translations; called when their channel is gone. */
  end(nowMs: number): void {
    if (this.#isPlaying) this.#noteEnd(nowMs);
    this.#sounding.clear();
  }

  /** Forgets all translations; called when the listener selects another channel. */
  reset(): void {
    this.#sounding.clear();
    this.#endedMs.clear();
    this.#heardMs = undefined;
  }

  at(
    nowMs: number,
    listener: { id: string; hears: HeardLanguage },
    speaks: (participantId: string) => LanguageCode | null | undefined,
  ): DuckingState {
    this.#expire(nowMs);
    const lowered = new Set<string>();
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const { speaker, sinceMs } of this.#isPlaying ? this.#sounding.values() : []) {
      const untilMs = Math.min(sinceMs + LONGEST_MS, this.#silentAtMs(sinceMs));
      if (nowMs >= untilMs) continue;
      lowered.add(speaker);
      nextAtMs = Math.min(nextAtMs, untilMs);
    }
    const iSound = lowered.has(listener.id);
    const othersSound = lowered.size > (iSound ? 1 : 0);
    const myEndMs = this.#endedMs.get(listener.id);
    const myTail = myEndMs !== undefined && nowMs < myEndMs + TAIL_MS;
    if (myTail) nextAtMs = Math.min(nextAtMs, myEndMs + TAIL_MS);
    for (const [speaker, endedMs] of this.#endedMs) {
      lowered.add(speaker);
      nextAtMs = Math.min(nextAtMs, endedMs + SESSION_IDLE_TIMEOUT_MS);
    }
    for (const speaker of lowered) if (speaks(speaker) === listener.hears) lowered.delete(speaker);
    return {
      lowered,
      channelMuted: !othersSound && (iSound || myTail),
      nextAtMs: Number.isFinite(nextAtMs) ? nextAtMs : undefined,
    };
  }

  /** What sounds here now is heard no more. */
  #noteEnd(nowMs: number): void {
    for (const { speaker } of this.#sounding.values()) this.#endedMs.set(speaker, nowMs);
    this.#heardMs = undefined;
  }

  /** When a translation that began at `sinceMs` counts as over, unless the channel sounds again. */
  #silentAtMs(sinceMs: number): number {
    return this.#heardMs === undefined ? Number.POSITIVE_INFINITY : Math.max(sinceMs, this.#heardMs) + SILENT_MS;
  }

  #expire(nowMs: number): void {
    for (const [utterance, { sinceMs }] of this.#sounding)
      if (nowMs - sinceMs >= LONGEST_MS) this.#sounding.delete(utterance);
    for (const [speaker, endedMs] of this.#endedMs)
      if (nowMs - endedMs >= SESSION_IDLE_TIMEOUT_MS) this.#endedMs.delete(speaker);
  }
}

/** Moves a volume towards its target by `elapsedMs`: from 1 to 0 takes 50 ms, from 0 to 1 takes 400 ms. */
export function ramped(volume: number, target: number, elapsedMs: number): number {
  if (volume > target) return Math.max(target, volume - elapsedMs / DOWN_MS);
  return Math.min(target, volume + elapsedMs / UP_MS);
}

/** Moves the channel's volume towards its target within 50 ms, so that it neither clicks nor lingers. */
export function faded(volume: number, target: number, elapsedMs: number): number {
  return volume > target ? ramped(volume, target, elapsedMs) : Math.min(target, volume + elapsedMs / DOWN_MS);
}
