/**
 * The ear-voice span, by which interpreters measure how far behind they are: from when somebody began to say something to when its
 * translation began to sound. Of one language, in milliseconds of the room. Pure.
 *
 * Remembers the last 64 translations that have not sounded, the last span of each of the last 64 speakers, and the last 1000 spans.
 */
const MOST_WAITING = 64;
const MOST_SPEAKERS = 64;
const MOST_SPANS = 1000;

export interface EarVoiceSummary {
  count: number;
  p50: number;
  p95: number;
}

export class EarVoiceSpan {
  /** By utterance. */
  readonly #said = new Map<string, number>();
  /** By speaker. */
  readonly #last = new Map<string, number>();
  readonly #spans: number[] = [];

  /** When that was said which an utterance translates, as far as is known by now. */
  said(utterance: string, startMs: number): void {
    this.#said.set(utterance, startMs);
    forgetOldest(this.#said, MOST_WAITING);
  }

  /** An utterance begins to sound. */
  sounds(utterance: string, speaker: string, atMs: number): void {
    const startMs = this.#said.get(utterance);
    if (startMs === undefined) return;
    this.#said.delete(utterance);
    const span = Math.max(0, atMs - startMs);
    this.#last.delete(speaker);
    this.#last.set(speaker, span);
    forgetOldest(this.#last, MOST_SPEAKERS);
    this.#spans.push(span);
    if (this.#spans.length > MOST_SPANS) this.#spans.shift();
  }

  /** Of what somebody said last. */
  lastOf(speaker: string): number | undefined {
    return this.#last.get(speaker);
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
