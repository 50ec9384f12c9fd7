/**
 * What people are told of each interpretation: each state once, and once more to those who begin to read or hear a language after it,
 * when they have had the time to find its channel.
 */
import type { LanguageCode } from '../protocol/languages.ts';
import type { InterpretationState, SpeakerView } from '../protocol/room-messages.ts';
import type { BudgetNotice } from '../protocol/usage.ts';
import type { Clock } from '../time/clock.ts';
import { restrainedState } from './demand/budget-restraint.ts';

/** From choosing a language to receiving its captions it takes a second or two. */
const FOUND_AFTER_MS = 3000;

export interface InterpretationStatus {
  speaker: SpeakerView;
  state: InterpretationState;
  message: string | undefined;
}

export class InterpretationStatuses {
  readonly #clock: Clock;
  readonly #send: (language: LanguageCode, status: InterpretationStatus) => void;
  /** By speaker and language. */
  readonly #statuses = new Map<string, InterpretationStatus & { language: LanguageCode }>();
  /** Languages that somebody new is finding. */
  readonly #repeats = new Map<LanguageCode, () => void>();
  #budget: BudgetNotice | undefined;

  constructor(clock: Clock, say: (language: LanguageCode, status: InterpretationStatus) => void) {
    this.#clock = clock;
    this.#send = say;
  }

  /** Whether it is news. */
  set(speaker: SpeakerView, language: LanguageCode, state: InterpretationState, message?: string): boolean {
    const key = `${speaker.id} ${language}`;
    const told = { speaker, language, state, message };
    const before = this.#statuses.get(key);
    this.#statuses.set(key, told);
    if (before && isSame(this.#restrained(before), this.#restrained(told))) return false;
    this.#send(language, this.#restrained(told));
    return true;
  }

  /** Whoever reads or hears an interpretation learns what the budget makes of it. */
  setBudget(budget: BudgetNotice | undefined): void {
    if (budget?.message === this.#budget?.message) return;
    this.#budget = budget;
    for (const told of this.#statuses.values())
      if (told.state !== 'overBudget') this.#send(told.language, this.#restrained(told));
  }

  /** The speaker has gone. */
  remove(speaker: string): void {
    this.retain((id) => id !== speaker);
  }

  /** So have all others than these. */
  retain(isHere: (speaker: string) => boolean): void {
    for (const [key, { speaker }] of this.#statuses) if (!isHere(speaker.id)) this.#statuses.delete(key);
  }

  /** Somebody new reads or hears the language. */
  repeat(language: LanguageCode): void {
    this.#repeats.get(language)?.();
    const cancel = this.#clock.after(FOUND_AFTER_MS, () => {
      this.#repeats.delete(language);
      for (const told of this.#statuses.values())
        if (told.language === language) this.#send(language, this.#restrained(told));
    });
    this.#repeats.set(language, cancel);
  }

  close(): void {
    for (const cancel of this.#repeats.values()) cancel();
    this.#repeats.clear();
  }

  #restrained(told: InterpretationStatus): InterpretationStatus {
    return { speaker: told.speaker, ...restrainedState(told, this.#budget) };
  }
}

/** How long somebody waits is told when the waiting begins, not at every second of it. */
const isSame = (before: InterpretationStatus, now: InterpretationStatus): boolean =>
  before.state === now.state && (now.state === 'waiting' || before.message === now.message);
