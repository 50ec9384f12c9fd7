/**
 * One stream of text, the transcript or its translation, as a confirmed and a tentative part for each segment, whether the model sends
 * snapshots or additions. A segment has at most one final text, and no text after it.
 */

import { BoundedMap } from '../../../collections/bounded-map.ts';
import type { SegmentText } from '../translation-session.ts';

/** A snapshot replaces the text so far; an addition is appended to it and never taken back. */
export type TextChange = { confirmed: string; tentative: string } | { added: string };

/** Segments are remembered after their end, so that late text for them is recognised as late. */
const MAX_SEGMENTS = 500;
/** The models send at most 4096 tokens at once; a longer text is a defect of the service. */
const MAX_CHARACTERS = 32_768;

export class TextStream {
  readonly #segments = new BoundedMap<string, SegmentText>(MAX_SEGMENTS);

  /** @returns the segment's text after the change; undefined if nothing is new */
  change(segment: string, change: TextChange): SegmentText | undefined {
    const before = this.#segments.get(segment);
    if (before?.final) return undefined;
    const { confirmed, tentative } =
      'added' in change ? { confirmed: (before?.confirmed ?? '') + change.added, tentative: '' } : change;
    if (confirmed.length + tentative.length > MAX_CHARACTERS) return undefined;
    if (confirmed === (before?.confirmed ?? '') && tentative === (before?.tentative ?? '')) return undefined;
    return this.#set({ segment, confirmed, tentative, final: false });
  }

  /** @param text the final text; if empty, the last snapshot was final */
  finish(segment: string, text: string): SegmentText | undefined {
    const before = this.#segments.get(segment);
    if (before?.final) return undefined;
    const confirmed = text.slice(0, MAX_CHARACTERS) || (before ? before.confirmed + before.tentative : '');
    const final = this.#set({ segment, confirmed, tentative: '', final: true });
    // A segment that never had any text was never shown, so its end need not be either.
    return before || confirmed ? final : undefined;
  }

  has(segment: string): boolean {
    return this.#segments.has(segment);
  }

  #set(text: SegmentText): SegmentText {
    this.#segments.set(text.segment, text);
    return text;
  }
}
