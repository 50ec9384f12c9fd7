/**
 * Who is lowered while a translation sounds. The original of a speaker steps back from the moment their translation
 * starts on the channel that I hear until 1 s after it ended; never an original in the language I hear, which the channel
 * does not translate. The translation of my own words is silent to me. Pure: decisions, with the time passed in.
 */
import type { HeardLanguage, LanguageCode } from '../../protocol/languages.ts';
import type { PlayoutMessage } from '../../protocol/room-messages.ts';

const SESSION_IDLE_TIMEOUT_MS = 1_000;
/** The last of my own translation is still on its way from the server when its end is told. */
const TAIL_MS = 300;
/** An interpreter that died tells no end: no utterance sounds for longer than this. */
const LONGEST_MS = 60_000;
const DOWN_MS = 50;
const UP_MS = 400;

interface Sounding {
  speaker: string;
  sinceMs: number;
}

interface DuckingState {
  lowered: ReadonlySet<string>;
  channelMuted: boolean;
  /** When this changes by itself, if nothing is said until then. */
  nextAtMs: number | undefined;
}

export class Ducking {
  /** By utterance; at most what one channel says at a time, and what an interpreter that died left behind. */
  readonly #sounding = new Map<string, Sounding>();
  /** By speaker: when their last translation ended. */
  readonly #endedMs = new Map<string, number>();

  push(playout: Pick<PlayoutMessage, 'utterance' | 'state' | 'speaker'>, nowMs: number): void {
    const { utterance, state, speaker } = playout;
    if (state === 'started') this.#sounding.set(utterance, { speaker: speaker.id, sinceMs: nowMs });
    else if (this.#sounding.delete(utterance)) this.#endedMs.set(speaker.id, nowMs);
  }

  /** Another channel is heard from now on, or none. */
  reset(): void {
    this.#sounding.clear();
    this.#endedMs.clear();
  }

  at(
    nowMs: number,
    listener: { id: string; hears: HeardLanguage },
    speaks: (participantId: string) => LanguageCode | null | undefined,
  ): DuckingState {
    this.#expire(nowMs);
    const lowered = new Set<string>();
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const { speaker, sinceMs } of this.#sounding.values()) {
      lowered.add(speaker);
      nextAtMs = Math.min(nextAtMs, sinceMs + LONGEST_MS);
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

  #expire(nowMs: number): void {
    for (const [utterance, { sinceMs }] of this.#sounding)
      if (nowMs - sinceMs >= LONGEST_MS) this.#sounding.delete(utterance);
    for (const [speaker, endedMs] of this.#endedMs)
      if (nowMs - endedMs >= SESSION_IDLE_TIMEOUT_MS) this.#endedMs.delete(speaker);
  }
}

/** A volume on its way to its target, `elapsedMs` later: the whole way down takes 50 ms, the whole way up 400 ms. */
export function ramped(volume: number, target: number, elapsedMs: number): number {
  if (volume > target) return Math.max(target, volume - elapsedMs / DOWN_MS);
  return Math.min(target, volume + elapsedMs / UP_MS);
}

/** A channel comes and goes within 50 ms, so that it neither clicks nor lingers. */
export function faded(volume: number, target: number, elapsedMs: number): number {
  return volume > target ? ramped(volume, target, elapsedMs) : Math.min(target, volume + elapsedMs / DOWN_MS);
}
