/**
 * The ear-voice span, by which interpreters measure how far behind they are: from when somebody began to say something to when its
 * translation began to sound. Of one language, in milliseconds of the room. Pure.
 *
 * Remembers the last 64 translations that have not sounded, the last span of each of the last 64 speakers, and the last 1000 spans.
 */
const MAX_WAITING = 64;
const MAX_SPEAKERS = 64;
const MAX_SPANS = 1000;

export interface EarVoiceSummary {
  count: number;
  p50: number;
  p95: number;
}

export class EarVoiceSpan {
  /** By utterance. */
  readonly #sourceStarts = new Map<string, number>();
  /** By speaker. */
  readonly #lastSpans = new Map<string, number>();
  readonly #spans: number[] = [];

  /** When that was said which an utterance translates, as far as is known by now. */
  setSourceStart(utterance: string, startMs: number): void {
    this.#sourceStarts.set(utterance, startMs);
    forgetOldest(this.#sourceStarts, MAX_WAITING);
  }

  /** An utterance begins to sound. */
  started(utterance: string, speaker: string, atMs: number): void {
    const startMs = this.#sourceStarts.get(utterance);
    if (startMs === undefined) return;
    this.#sourceStarts.delete(utterance);
    const span = Math.max(0, atMs - startMs);
    this.#lastSpans.delete(speaker);
    this.#lastSpans.set(speaker, span);
    forgetOldest(this.#lastSpans, MAX_SPEAKERS);
    this.#spans.push(span);
    if (this.#spans.length > MAX_SPANS) this.#spans.shift();
  }

  /** Of what somebody said last. */
  lastSpanMs(speaker: string): number | undefined {
    return this.#lastSpans.get(speaker);
  }

  get summary(): EarVoiceSummary {
    const sorted = this.#spans.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
  }
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
