/**
 * The segments that a session speaks of → captions of one kind, each segment an utterance of ours with exactly one final.
 * The last 64 utterances are remembered, so that sound which comes after a final finds its utterance; should more than 64 be
 * open, the oldest is ended.
 */
import type { SpeakerView } from '../protocol/room-messages.ts';
import type { CaptionMessage } from './captions.ts';
import { Stabilizer } from './stabilizer.ts';
import type { SegmentText } from './translation/session.ts';

const REMEMBERED = 64;

interface Open {
  utterance: string;
  start: number;
  of: string | undefined;
  stabilizer: Stabilizer;
  shown: string;
  finished: boolean;
}

export interface Timing {
  /** Milliseconds since the room began. */
  start: number;
  end: number;
}

export interface CaptionStreamOptions {
  kind: 'original' | 'translation';
  speaker: SpeakerView;
  nextUtterance: () => string;
  say: (caption: CaptionMessage) => void;
}

export class CaptionStream {
  readonly #options: CaptionStreamOptions;
  readonly #segments = new Map<string, Open>();

  constructor(options: CaptionStreamOptions) {
    this.#options = options;
  }

  /** The utterance that a segment is, known from its first mention on. */
  utteranceOf(segment: string): string {
    return this.#segment(segment, 0, undefined).utterance;
  }

  update(text: SegmentText, { start, end }: Timing, of?: string): void {
    const segment = this.#segment(text.segment, start, of);
    if (segment.finished) return;
    if (text.final) this.#finish(segment, text.stable + text.tentative, end);
    else this.#show(segment, text);
  }

  /** The session is over: what is open ends with what was shown of it. */
  finishAll(end: number): void {
    for (const segment of this.#segments.values()) if (!segment.finished) this.#finish(segment, '', end);
  }

  #segment(name: string, start: number, of: string | undefined): Open {
    const known = this.#segments.get(name);
    if (known) {
      if (known.shown === '' && start > 0) known.start = start;
      known.of ??= of;
      return known;
    }
    const utterance = this.#options.nextUtterance();
    const segment = { utterance, start, of, stabilizer: new Stabilizer(), shown: '', finished: false };
    this.#segments.set(name, segment);
    this.#forgetOldest(start);
    return segment;
  }

  #show(segment: Open, text: SegmentText): void {
    const { stable, tentative } = segment.stabilizer.update(text.stable, text.tentative);
    const shown = JSON.stringify([stable, tentative]);
    if (stable + tentative === '' || shown === segment.shown) return;
    segment.shown = shown;
    this.#say(segment, { stable, ...(tentative ? { tentative } : {}), final: false });
  }

  #finish(segment: Open, text: string, end: number): void {
    segment.finished = true;
    const final = segment.stabilizer.finish(text);
    // Nothing was heard and nothing shown: there is nothing to end.
    if (final.stable === '' && final.corrected === undefined && segment.shown === '') return;
    this.#say(segment, { ...final, final: true, end });
  }

  #say(segment: Open, text: Pick<CaptionMessage, 'stable' | 'tentative' | 'final' | 'end' | 'corrected'>): void {
    const { kind, speaker, say } = this.#options;
    const { utterance, start, of } = segment;
    say({ type: 'caption', utterance, speaker, kind, start, ...(of === undefined ? {} : { of }), ...text });
  }

  #forgetOldest(now: number): void {
    if (this.#segments.size <= REMEMBERED) return;
    const segments = [...this.#segments];
    const oldest = segments.find(([, { finished }]) => finished) ?? segments[0];
    if (!oldest) return;
    const [name, segment] = oldest;
    if (!segment.finished) this.#finish(segment, '', Math.max(now, segment.start));
    this.#segments.delete(name);
  }
}
