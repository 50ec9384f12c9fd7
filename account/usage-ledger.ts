/**
 * What the interpreters of an account took, by day (UTC), room, speaker and language. Whatever is reported is counted once, in
 * today and in today's total; the last two days are kept, at most 4000 entries each: what is new beyond them is counted
 * under nobody's name. Pure: time is passed in, and a day once begun is not left for an earlier one.
 */
import { z } from 'zod';
import { LanguageCode } from '../protocol/languages.ts';
import { SpeakerView } from '../protocol/room-messages.ts';
import { SentMs, Tokens, type UsageEntry, type UsageTotals } from '../protocol/usage.ts';

const DAYS = 2;
const MAX_ENTRIES = 4000;
const OTHERS = { room: '', speaker: { id: '', name: 'others' }, language: 'und' };

const amounts = <K extends string>(keys: readonly K[]) => z.record(z.enum(keys), z.number().nonnegative());
const sentKeys = SentMs.keyof().options;
const tokenKeys = Tokens.keyof().options;

const Entry = z.object({
  room: z.string(),
  speaker: SpeakerView,
  language: LanguageCode,
  sentMs: amounts(sentKeys),
  pictures: z.number().nonnegative().default(0),
  tokens: amounts(tokenKeys),
});
type Entry = z.infer<typeof Entry>;

/** What outlives a restart. */
export const StoredUsage = z
  .array(z.object({ day: z.iso.date(), entries: z.array(Entry).max(MAX_ENTRIES + 1) }))
  .max(DAYS);
export type StoredUsage = z.infer<typeof StoredUsage>;

class Day {
  readonly day: string;
  readonly entries = new Map<string, Entry>();
  readonly total = emptyTotals();

  constructor(day: string, entries: readonly Entry[] = []) {
    this.day = day;
    for (const entry of entries) this.add(entry.room, entry);
  }

  add(room: string, taken: UsageEntry): void {
    addTotals(this.total, taken);
    const { speaker, language } = taken;
    const entry = this.#entry({ room, speaker, language });
    entry.speaker = entry.room === OTHERS.room ? OTHERS.speaker : speaker;
    addTotals(entry, taken);
  }

  #entry(of: Pick<Entry, 'room' | 'speaker' | 'language'>): Entry {
    const known = this.entries.get(keyOf(of));
    if (known) return known;
    const { room, speaker, language } = this.entries.size < MAX_ENTRIES ? of : OTHERS;
    const key = keyOf({ room, speaker, language });
    const entry = this.entries.get(key) ?? { room, speaker, language, ...emptyTotals() };
    this.entries.set(key, entry);
    return entry;
  }
}

export class UsageLedger {
  /** Oldest first; today's is the last. */
  #days: Day[];

  constructor(stored: StoredUsage, nowMs: number) {
    this.#days = stored.toSorted((a, b) => a.day.localeCompare(b.day)).map(({ day, entries }) => new Day(day, entries));
    this.#today(nowMs);
  }

  add(room: string, taken: readonly UsageEntry[], nowMs: number): void {
    const today = this.#today(nowMs);
    for (const one of taken) today.add(room, one);
  }

  today(nowMs: number): string {
    return this.#today(nowMs).day;
  }

  /** Whether it remembers that day. */
  has(day: string): boolean {
    return this.#days.some((known) => known.day === day);
  }

  total(day: string): UsageTotals {
    return structuredClone(this.#day(day)?.total ?? emptyTotals());
  }

  /** Of one room, the longest heard first. */
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

  get kept(): StoredUsage {
    return this.#days.map(({ day, entries }) => ({ day, entries: structuredClone([...entries.values()]) }));
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

export const emptyTotals = (): UsageTotals => ({
  sentMs: { speech: 0, repeated: 0, silence: 0 },
  pictures: 0,
  tokens: { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total: 0 },
});

export function addTotals(sum: UsageTotals, { sentMs, pictures, tokens }: UsageTotals): void {
  sum.pictures += pictures;
  for (const key of sentKeys) sum.sentMs[key] += sentMs[key];
  for (const key of tokenKeys) sum.tokens[key] += tokens[key];
}

/** `2026-03-26` */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const DAY_MS = 86_400_000;

const keyOf = ({ room, speaker, language }: Pick<Entry, 'room' | 'speaker' | 'language'>): string =>
  JSON.stringify([room, speaker.id, language]);
