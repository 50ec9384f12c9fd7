/**
 * Which source segment a translation translates. Newer models say so (`previous_item_id`); for the others it follows from
 * the order: a translation belongs to the oldest source segment that has none yet, else to the newest. A source that
 * ended long ago and got no translation is not going to get one.
 */
import { BoundedMap } from '../../../collections/bounded-map.ts';

interface Source {
  name: string;
  translated: boolean;
  /** When it was final, or known to be over. */
  endedAtMs?: number;
}

const MAX_SEGMENTS = 500;
const TRANSLATED_WITHIN_MS = 10_000;

export class SegmentPairing {
  readonly #links = new BoundedMap<string, string>(MAX_SEGMENTS);
  readonly #sources = new BoundedMap<string, Source>(MAX_SEGMENTS);
  readonly #of = new BoundedMap<string, string>(MAX_SEGMENTS);
  /** Translations that came before any source they could belong to. */
  readonly #orphans = new Set<string>();

  /** The service's own word: the translation `item` follows `previous`, its source or an earlier translation of that. */
  link(item: string, previous: string): void {
    this.#links.set(item, this.#links.get(previous) ?? previous);
  }

  /** Something was heard of a source segment. */
  source(name: string): void {
    if (this.#sources.has(name)) return;
    const source: Source = { name, translated: false };
    this.#sources.set(name, source);
    for (const orphan of this.#orphans) this.#pair(orphan, source);
    this.#orphans.clear();
  }

  sourceEnded(name: string, nowMs: number): void {
    const source = this.#sources.get(name);
    if (source) source.endedAtMs = nowMs;
  }

  /** The source of a translation; undefined: not known, or not yet. */
  sourceOf(translation: string, nowMs: number): string | undefined {
    const known = this.#of.get(translation) ?? this.#linked(translation);
    if (known !== undefined || this.#orphans.has(translation)) return known;
    const source = this.#nextInOrder(nowMs);
    if (source) this.#pair(translation, source);
    else if (this.#orphans.size < MAX_SEGMENTS) this.#orphans.add(translation);
    return source?.name;
  }

  #linked(translation: string): string | undefined {
    const name = this.#links.get(translation);
    if (name === undefined) return undefined;
    this.#of.set(translation, name);
    const source = this.#sources.get(name);
    if (source) source.translated = true;
    return name;
  }

  #nextInOrder(nowMs: number): Source | undefined {
    const sources = [...this.#sources.values()];
    const waiting = sources.find(
      ({ translated, endedAtMs = nowMs }) => !translated && nowMs - endedAtMs <= TRANSLATED_WITHIN_MS,
    );
    return waiting ?? sources.at(-1);
  }

  #pair(translation: string, source: Source): void {
    this.#of.set(translation, source.name);
    source.translated = true;
  }
}
