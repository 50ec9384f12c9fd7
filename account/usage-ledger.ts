/**
 * What the interpreters of an account used, by day (UTC), room, speaker and language.
 *
 * Hard requirement: whatever is reported is counted once, in its entry and in the day's total. The last two days are stored, with at
 * most 4000 entries each; further speakers are counted together as "others". People are stored by their ids: their names stay in memory. No timers: callers pass the time in, and a clock that
 * is set back does not reopen an earlier day.
 */

import {
  LanguageCode,
  SentMs,
  SpeakerView,
  Tokens,
  type UsageEntry,
  type UsageTotals,
} from '@mediasoup-booth/protocol';
import { z } from 'zod';
import { addTotals, emptyTotals } from './usage-totals.ts';

const DAYS = 2;
const MAX_ENTRIES = 4000;
const OTHERS = { room: '', speaker: { id: '', name: 'others' }, language: 'und' };

const amounts = <K extends string>(keys: readonly K[]) => z.record(z.enum(keys), z.number().nonnegative());
const sentKeys = SentMs.keyof().options;
const tokenKeys = Tokens.keyof().options;

const StoredEntry = z.object({
  room: z.string(),
  /** An older version stored names as well; they are not read. */
  speaker: SpeakerView.pick({ id: true }),
  language: LanguageCode,
  sentMs: amounts(sentKeys),
  pictures: z.number().nonnegative().default(0),
  tokens: amounts(tokenKeys),
});
type StoredEntry = z.infer<typeof StoredEntry>;
/** An entry in memory, where the speaker has a name: after a restart the id, until they are reported again. */
type LedgerEntry = UsageEntry & { room: string };

/** The schema of what is stored over a restart. */
export const StoredUsage = z
  .array(z.object({ day: z.iso.date(), entries: z.array(StoredEntry).max(MAX_ENTRIES + 1) }))
  .max(DAYS);
export type StoredUsage = z.infer<typeof StoredUsage>;

class Day {
  readonly day: string;
  readonly entries = new Map<string, LedgerEntry>();
  readonly total = emptyTotals();

  constructor(day: string, entries: readonly LedgerEntry[] = []) {
    this.day = day;
    for (const entry of entries) this.add(entry.room, entry);
  }

  add(room: string, usage: UsageEntry): void {
    addTotals(this.total, usage);
    const { speaker, language } = usage;
    const entry = this.#entry({ room, speaker, language });
    entry.speaker = entry.room === OTHERS.room ? OTHERS.speaker : speaker;
    addTotals(entry, usage);
  }

  #entry(key: Pick<LedgerEntry, 'room' | 'speaker' | 'language'>): LedgerEntry {
    const known = this.entries.get(entryKey(key));
    if (known) return known;
    const { room, speaker, language } = this.entries.size < MAX_ENTRIES ? key : OTHERS;
    const name = entryKey({ room, speaker, language });
    const entry = this.entries.get(name) ?? { room, speaker, language, ...emptyTotals() };
    this.entries.set(name, entry);
    return entry;
  }
}

export class UsageLedger {
  /** Oldest first; the last is today. */
  #days: Day[];

  constructor(stored: StoredUsage, nowMs: number) {
    this.#days = stored
      .toSorted((a, b) => a.day.localeCompare(b.day))
      .map(({ day, entries }) => new Day(day, entries.map(withName)));
    this.#today(nowMs);
  }

  add(room: string, entries: readonly UsageEntry[], nowMs: number): void {
    const today = this.#today(nowMs);
    for (const entry of entries) today.add(room, entry);
  }

  /** @returns the current day, as `2026-03-26` */
  today(nowMs: number): string {
    return this.#today(nowMs).day;
  }

  /** Whether the usage of that day is stored. */
  has(day: string): boolean {
    return this.#days.some((known) => known.day === day);
  }

  total(day: string): UsageTotals {
    return structuredClone(this.#day(day)?.total ?? emptyTotals());
  }

  /** The entries of one room, those with most speech first. */
  entries(day: string, room: string): UsageEntry[] {
    const all = [...(this.#day(day)?.entries.values() ?? [])].filter((entry) => entry.room === room);
    return structuredClone(all)
      .map(({ room: _, ...entry }) => entry)
      .sort((a, b) => b.sentMs.speech - a.sentMs.speech);
  }

  rooms(day: string): Map<string, UsageTotals> {
    const rooms = new Map<string, UsageTotals>();
    for (const entry of this.#day(day)?.entries.values() ?? []) {
      const sum = rooms.get(entry.room) ?? emptyTotals();
      addTotals(sum, entry);
      rooms.set(entry.room, sum);
    }
    return rooms;
  }

  /** The entries' own amounts, no copies of them: there may be 8000, and they are stored each second. */
  get stored(): StoredUsage {
    return this.#days.map(({ day, entries }) => ({ day, entries: [...entries.values()].map(withoutName) }));
  }

  #day(day: string): Day | undefined {
    return this.#days.find((known) => known.day === day);
  }

  #today(nowMs: number): Day {
    const last = this.#days.at(-1);
    const day = dayOf(nowMs);
    if (last && last.day >= day) return last;
    const today = new Day(day);
    this.#days = [...this.#days, today].slice(-DAYS);
    return today;
  }
}

/** `2026-03-26` */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const DAY_MS = 86_400_000;

const entryKey = ({ room, speaker, language }: Pick<LedgerEntry, 'room' | 'speaker' | 'language'>): string =>
  JSON.stringify([room, speaker.id, language]);

const withoutName = ({ speaker: { id }, ...entry }: LedgerEntry): StoredEntry => ({ ...entry, speaker: { id } });

const withName = ({ speaker: { id }, ...entry }: StoredEntry): LedgerEntry => ({
  ...entry,
  speaker: { id, name: id || OTHERS.speaker.name },
});
