/**
 * One stream of text (what was said, or its translation) as (stable, tentative) per segment, whatever way the model says
 * it. A segment has at most one final, and nothing after it.
 */

import { BoundedMap } from '../../../collections/bounded-map.ts';
import type { SegmentText } from '../translation-session.ts';

/** Snapshots replace what was there; additions come after it and are never taken back. */
export type TextChange = { stable: string; tentative: string } | { added: string };

/** Segments remembered, so that what comes late for them is known as late. */
const MAX_SEGMENTS = 500;
/** The models say at most 4096 tokens at once; more than this is a defect of the service. */
const MAX_CHARACTERS = 32_768;

export class TextStream {
  readonly #segments = new BoundedMap<string, SegmentText>(MAX_SEGMENTS);

  /** The segment's text after the change; undefined: there is nothing new to show. */
  change(segment: string, change: TextChange): SegmentText | undefined {
    const before = this.#segments.get(segment);
    if (before?.final) return undefined;
    const { stable, tentative } =
      'added' in change ? { stable: (before?.stable ?? '') + change.added, tentative: '' } : change;
    if (stable.length + tentative.length > MAX_CHARACTERS) return undefined;
    if (stable === (before?.stable ?? '') && tentative === (before?.tentative ?? '')) return undefined;
    return this.#keep({ segment, stable, tentative, final: false });
  }

  /** The segment's last word; where it says nothing, the last snapshot was it. */
  finish(segment: string, text: string): SegmentText | undefined {
    const before = this.#segments.get(segment);
    if (before?.final) return undefined;
    const stable = text.slice(0, MAX_CHARACTERS) || (before ? before.stable + before.tentative : '');
    const final = this.#keep({ segment, stable, tentative: '', final: true });
    // Nobody has seen a segment of which nothing was ever said.
    return before || stable ? final : undefined;
  }

  has(segment: string): boolean {
    return this.#segments.has(segment);
  }

  #keep(text: SegmentText): SegmentText {
    this.#segments.set(text.segment, text);
    return text;
  }
}
