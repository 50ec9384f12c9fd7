/**
 * Records what the interpretations of one interpreter send to the service and use, in total and since the last report. At most 500
 * entries, one for each speaker and language; further ones are counted together as "others".
 */
import { emptyTotals } from '../../account/usage-ledger.ts';
import type { LanguageCode } from '../../protocol/languages.ts';
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { SentMs, Tokens, UsageEntry, UsageTotals } from '../../protocol/usage.ts';
import type { TokenUsage } from '../session/translation-session.ts';

/** `replayed`: sent before to a session that was lost; `silence`: added by the interpreter, so that the service ends its segment. */
export type SentAudioKind = keyof SentMs;

const MAX_ENTRIES = 500;
const OTHERS = { speaker: { id: '', name: 'others' }, language: 'und' };

export class UsageRecorder {
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

  /** Takes what was not taken before, from at most `maxEntries` entries; it counts as reported. */
  takeUnreported(maxEntries: number): UsageEntry[] {
    const some = [...this.#entries.values()].filter(({ hasUnreported }) => hasUnreported).slice(0, maxEntries);
    return some.map((entry) => entry.takeUnreported());
  }

  /** Adds entries back that were taken and could not be reported. */
  putBack(entries: readonly UsageEntry[]): void {
    for (const { speaker, language, ...usage } of entries) this.entry(speaker, language).putBack(usage);
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

  putBack({ sentMs, pictures, tokens }: UsageTotals): void {
    this.#unreported.pictures += pictures;
    for (const kind of Object.keys(sentMs) as SentAudioKind[]) this.#unreported.sentMs[kind] += sentMs[kind];
    add(this.#unreported.tokens, tokens);
    this.#change();
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
