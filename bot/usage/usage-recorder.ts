/**
 * Records what the interpretations of one interpreter send to the service and use, in total and since the last report. At most 500
 * entries, one for each speaker and language; further ones are counted together as "others". What is to be reported is put into numbered
 * reports, which stay until the server has confirmed them.
 */
import { randomUUID } from 'node:crypto';
import type { LanguageCode, SentMs, SpeakerView, Tokens, UsageEntry, UsageTotals } from '@mediasoup-booth/protocol';
import { emptyTotals } from '../../account/usage-totals.ts';
import type { TokenUsage } from '../session/translation-session.ts';

/** `replayed`: sent before to a session that was lost; `silence`: added by the interpreter, so that the service ends its segment. */
export type SentAudioKind = keyof SentMs;

/** A report of usage. `number` counts from 1. */
export interface UsageReport {
  reporter: string;
  number: number;
  entries: UsageEntry[];
}

const MAX_UNCONFIRMED = 64;
const MAX_ENTRIES = 500;
const OTHERS = { speaker: { id: '', name: 'others' }, language: 'und' };

export class UsageRecorder {
  /** Tells the reports of this life of the process from those of another. */
  readonly #id = randomUUID();
  #reports = 0;
  #unconfirmed: UsageReport[] = [];
  readonly #entries = new Map<string, EntryCounter>();
  /** Called when there is something to report. */
  onChange: () => void = () => {};

  /** The entry of one speaker in one language. */
  entry(speaker: SpeakerView, language: LanguageCode): EntryCounter {
    const known = this.#entries.get(entryKey(speaker, language));
    if (known) return known;
    const counted = this.#entries.size < MAX_ENTRIES ? { speaker, language } : OTHERS;
    const key = entryKey(counted.speaker, counted.language);
    const entry = this.#entries.get(key) ?? new EntryCounter(counted.speaker, counted.language, () => this.onChange());
    this.#entries.set(key, entry);
    return entry;
  }

  entries(): UsageEntry[] {
    return [...this.#entries.values()].map((entry) => entry.toEntry(entry.totals));
  }

  get hasUnreported(): boolean {
    return [...this.#entries.values()].some(({ hasUnreported }) => hasUnreported);
  }

  /** The reports that the server has not confirmed, in their order. */
  get unconfirmed(): readonly UsageReport[] {
    return this.#unconfirmed;
  }

  /**
   * Makes a report of what no other report contains, from at most `maxEntries` entries. It stays among the unconfirmed until it is
   * confirmed. Undefined where there is nothing to report, or 64 are unconfirmed: the usage waits then.
   */
  takeReport(maxEntries: number): UsageReport | undefined {
    if (this.#unconfirmed.length >= MAX_UNCONFIRMED) return undefined;
    const some = [...this.#entries.values()].filter(({ hasUnreported }) => hasUnreported).slice(0, maxEntries);
    if (some.length === 0) return undefined;
    const entries = some.map((entry) => entry.takeUnreported());
    const report = { reporter: this.#id, number: ++this.#reports, entries };
    this.#unconfirmed.push(report);
    return report;
  }

  /** The server has counted this report. */
  confirm({ number }: UsageReport): void {
    this.#unconfirmed = this.#unconfirmed.filter((report) => report.number !== number);
  }
}

class EntryCounter {
  readonly speaker: SpeakerView;
  readonly language: LanguageCode;
  readonly totals = emptyTotals();
  readonly #changed: () => void;
  #unreported = emptyTotals();
  hasUnreported = false;

  constructor(speaker: SpeakerView, language: LanguageCode, changed: () => void) {
    this.speaker = speaker;
    this.language = language;
    this.#changed = changed;
  }

  addAudio(kind: SentAudioKind, ms: number): void {
    this.totals.sentMs[kind] += ms;
    this.#unreported.sentMs[kind] += ms;
    this.#change();
  }

  addPictures(pictures: number): void {
    this.totals.pictures += pictures;
    this.#unreported.pictures += pictures;
    this.#change();
  }

  addTokens({ estimated: _, ...usage }: TokenUsage): void {
    add(this.totals.tokens, usage);
    add(this.#unreported.tokens, usage);
    this.#change();
  }

  takeUnreported(): UsageEntry {
    const usage = this.#unreported;
    this.#unreported = emptyTotals();
    this.hasUnreported = false;
    return this.toEntry(usage);
  }

  toEntry({ sentMs, pictures, tokens }: UsageTotals): UsageEntry {
    return { speaker: this.speaker, language: this.language, sentMs: { ...sentMs }, pictures, tokens: { ...tokens } };
  }

  #change(): void {
    this.hasUnreported = true;
    this.#changed();
  }
}

function add(sum: Tokens, tokens: Partial<Tokens>): void {
  for (const kind of Object.keys(sum) as (keyof Tokens)[]) sum[kind] += tokens[kind] ?? 0;
}

const entryKey = ({ id }: SpeakerView, language: LanguageCode): string => JSON.stringify([id, language]);
