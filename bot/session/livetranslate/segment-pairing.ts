/**
 * Decides which source segment a translation translates. Newer models say so (`previous_item_id`); for the others it follows from the
 * order: a translation belongs to the oldest source segment that has none yet, or else to the newest. A source segment that ended more
 * than 10 s ago without a translation is not going to get one.
 */
import { BoundedMap } from '../../../collections/bounded-map.ts';

interface Source {
  name: string;
  translated: boolean;
  /** When its final text came, or when the service said that it had ended. */
  endedAtMs?: number;
}

const MAX_SEGMENTS = 500;
const TRANSLATED_WITHIN_MS = 10_000;

export class SegmentPairing {
  readonly #links = new BoundedMap<string, string>(MAX_SEGMENTS);
  readonly #sources = new BoundedMap<string, Source>(MAX_SEGMENTS);
  readonly #sourceNames = new BoundedMap<string, string>(MAX_SEGMENTS);
  /** Translations that came before any source they could belong to. */
  readonly #orphans = new Set<string>();

  /** The service says that the translation `item` follows `previous`: its source, or an earlier translation of the same source. */
  link(item: string, previous: string): void {
    this.#links.set(item, this.#links.get(previous) ?? previous);
  }

  /** Adds a source segment when the service first mentions it. */
  addSource(name: string): void {
    if (this.#sources.has(name)) return;
    const source: Source = { name, translated: false };
    this.#sources.set(name, source);
    for (const orphan of this.#orphans) this.#pair(orphan, source);
    this.#orphans.clear();
  }

  endSource(name: string, nowMs: number): void {
    const source = this.#sources.get(name);
    if (source) source.endedAtMs = nowMs;
  }

  /** The source segment of a translation; undefined: not known, or not yet. */
  sourceOf(translation: string, nowMs: number): string | undefined {
    const known = this.#sourceNames.get(translation) ?? this.#linked(translation);
    if (known !== undefined || this.#orphans.has(translation)) return known;
    const source = this.#nextInOrder(nowMs);
    if (source) this.#pair(translation, source);
    else if (this.#orphans.size < MAX_SEGMENTS) this.#orphans.add(translation);
    return source?.name;
  }

  #linked(translation: string): string | undefined {
    const name = this.#links.get(translation);
    if (name === undefined) return undefined;
    this.#sourceNames.set(translation, name);
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
    this.#sourceNames.set(translation, source.name);
    source.translated = true;
  }
}
