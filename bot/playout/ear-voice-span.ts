/**
 * The ear-voice span of one language: how far an interpreter is behind, from the moment somebody starts to say something to the moment
 * its translation starts to be played. No timers, no sockets; times are milliseconds on the room's clock.
 *
 * Bounded: keeps the last 64 translations that have not been played, the last span of each of the last 64 speakers, and the last 1000
 * spans.
 */
import { BoundedMap } from '../../collections/bounded-map.ts';

const MAX_WAITING = 64;
const MAX_SPEAKERS = 64;
const MAX_SPANS = 1000;

/** Ear-voice spans in milliseconds. */
export interface EarVoiceSummary {
  count: number;
  p50: number;
  p95: number;
}

export class EarVoiceSpan {
  /** When the source of an utterance started to be said. */
  readonly #sourceStarts = new BoundedMap<string, number>(MAX_WAITING);
  /** The last span of each speaker. */
  readonly #lastSpans = new BoundedMap<string, number>(MAX_SPEAKERS);
  readonly #spans: number[] = [];

  /** Sets when the source of a translated utterance started to be said, as far as that is known by now. */
  setSourceStart(utterance: string, startMs: number): void {
    this.#sourceStarts.set(utterance, startMs);
  }

  /** The channel starts to play an utterance. @returns its span in milliseconds; undefined where the source is not known */
  started(utterance: string, speaker: string, atMs: number): number | undefined {
    const startMs = this.#sourceStarts.get(utterance);
    if (startMs === undefined) return undefined;
    this.#sourceStarts.delete(utterance);
    const span = Math.max(0, atMs - startMs);
    this.#lastSpans.delete(speaker);
    this.#lastSpans.set(speaker, span);
    this.#spans.push(span);
    if (this.#spans.length > MAX_SPANS) this.#spans.shift();
    return span;
  }

  /** The ear-voice span of the last utterance of a speaker, in milliseconds. */
  lastSpanMs(speaker: string): number | undefined {
    return this.#lastSpans.get(speaker);
  }

  /** The distribution of the last 1000 spans. */
  get summary(): EarVoiceSummary {
    const sorted = this.#spans.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
  }
}
