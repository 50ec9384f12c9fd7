/** What the interpretations of one interpreter sent to the service and used up: what somebody will pay for. */
import type { LanguageCode } from '../../protocol/languages.ts';
import type { Usage } from './session.ts';

/** `repeated`: sent before to a session that was lost; `silence`: ours, so that the service ends what it heard. */
export type Fed = 'speech' | 'repeated' | 'silence';

export interface LedgerEntry {
  speaker: string;
  language: LanguageCode;
  /** Milliseconds sent. */
  sentMs: Record<Fed, number>;
  tokens: Required<Omit<Usage, 'estimated'>>;
}

export class Ledger {
  readonly #entries = new Map<string, Entry>();

  /** One speaker into one language. */
  entry(speaker: string, language: LanguageCode): Entry {
    const key = `${speaker} ${language}`;
    const entry = this.#entries.get(key) ?? new Entry(speaker, language);
    this.#entries.set(key, entry);
    return entry;
  }

  entries(): LedgerEntry[] {
    return [...this.#entries.values()].map(({ speaker, language, sentMs, tokens }) => ({
      speaker,
      language,
      sentMs: { ...sentMs },
      tokens: { ...tokens },
    }));
  }
}

class Entry implements LedgerEntry {
  readonly speaker: string;
  readonly language: LanguageCode;
  readonly sentMs = { speech: 0, repeated: 0, silence: 0 };
  readonly tokens = { inputAudio: 0, inputImage: 0, inputText: 0, outputText: 0, outputAudio: 0, total: 0 };

  constructor(speaker: string, language: LanguageCode) {
    this.speaker = speaker;
    this.language = language;
  }

  fed(what: Fed, ms: number): void {
    this.sentMs[what] += ms;
  }

  used({ estimated: _, ...usage }: Usage): void {
    for (const kind of Object.keys(this.tokens) as (keyof typeof this.tokens)[]) this.tokens[kind] += usage[kind] ?? 0;
  }
}
