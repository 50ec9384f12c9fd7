/**
 * What the interpretations of one interpreter sent to the service and used up: what somebody will pay for, and what of it has
 * been reported. At most 500 speakers and languages: what comes beyond them is counted under nobody's name.
 */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { SpeakerView } from '../../protocol/room-messages.ts';
import type { SentMs, Tokens, UsageEntry, UsageTotals } from '../../protocol/usage.ts';
import type { TokenUsage } from '../session/translation-session.ts';

/** `repeated`: sent before to a session that was lost; `silence`: ours, so that the service ends what it heard. */
export type SentAudioKind = keyof SentMs;

const MAX_ENTRIES = 500;
const OTHERS = { speaker: { id: '', name: 'others' }, language: 'und' };

export class UsageRecorder {
  readonly #entries = new Map<string, Entry>();
  /** Something is there to be reported. */
  onChange: () => void = () => {};

  /** One speaker into one language. */
  entry(speaker: SpeakerView, language: LanguageCode): Entry {
    const known = this.#entries.get(keyOf(speaker, language));
    if (known) return known;
    const of = this.#entries.size < MAX_ENTRIES ? { speaker, language } : OTHERS;
    const key = keyOf(of.speaker, of.language);
    const entry = this.#entries.get(key) ?? new Entry(of.speaker, of.language, () => this.onChange());
    this.#entries.set(key, entry);
    return entry;
  }

  entries(): UsageEntry[] {
    return [...this.#entries.values()].map((entry) => entry.toEntry(entry.totals));
  }

  get hasUnreported(): boolean {
    return [...this.#entries.values()].some(({ hasUnreported }) => hasUnreported);
  }

  /** What was not taken before, of so many entries at most; it counts as reported. */
  takeUnreported(most: number): UsageEntry[] {
    const some = [...this.#entries.values()].filter(({ hasUnreported }) => hasUnreported).slice(0, most);
    return some.map((entry) => entry.takeUnreported());
  }

  /** It was not reported after all. */
  putBack(entries: readonly UsageEntry[]): void {
    for (const { speaker, language, ...taken } of entries) this.entry(speaker, language).putBack(taken);
  }
}

class Entry {
  readonly speaker: SpeakerView;
  readonly language: LanguageCode;
  readonly totals = nothing();
  readonly #changed: () => void;
  #unreported = nothing();
  hasUnreported = false;

  constructor(speaker: SpeakerView, language: LanguageCode, changed: () => void) {
    this.speaker = speaker;
    this.language = language;
    this.#changed = changed;
  }

  addAudio(what: SentAudioKind, ms: number): void {
    this.totals.sentMs[what] += ms;
    this.#unreported.sentMs[what] += ms;
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
    const taken = this.#unreported;
    this.#unreported = nothing();
    this.hasUnreported = false;
    return this.toEntry(taken);
  }

  putBack({ sentMs, pictures, tokens }: UsageTotals): void {
    this.#unreported.pictures += pictures;
    for (const what of Object.keys(sentMs) as SentAudioKind[]) this.#unreported.sentMs[what] += sentMs[what];
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

const nothing = (): UsageTotals => ({
  sentMs: { speech: 0, repeated: 0, silence: 0 },
  pictures: 0,
  tokens: { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total: 0 },
});

function add(sum: Tokens, tokens: Partial<Tokens>): void {
  for (const kind of Object.keys(sum) as (keyof Tokens)[]) sum[kind] += tokens[kind] ?? 0;
}

const keyOf = ({ id }: SpeakerView, language: LanguageCode): string => JSON.stringify([id, language]);
