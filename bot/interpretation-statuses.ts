/**
 * The statuses that participants receive of each interpretation: each once, and again for those who start to read or hear a language later,
 * as soon as they have had the time to find its channel. While something prevents an interpretation, that is reported in place of its
 * state; afterwards its state is reported again.
 */
import type { BudgetNotice, LanguageCode, SpeakerView } from '@mediasoup-booth/protocol';
import type { Clock } from '../time/clock.ts';
import { type ReportedState, restrainedState } from './demand/budget-restraint.ts';

/** The time from choosing a language to receiving its captions: a second or two, with a reserve. */
const CHANNEL_FOUND_AFTER_MS = 3000;

export interface InterpretationStatus extends ReportedState {
  speaker: SpeakerView;
}

export class InterpretationStatuses {
  readonly #clock: Clock;
  readonly #send: (language: LanguageCode, status: InterpretationStatus) => void;
  /** The last status of each interpretation, keyed by speaker and language. */
  readonly #statuses = new Map<string, InterpretationStatus & { language: LanguageCode }>();
  /** What prevents an interpretation just now, keyed as the statuses are. */
  readonly #impediments = new Map<string, ReportedState>();
  /** Functions that cancel the repetition of statuses, for each language with a new reader or listener. */
  readonly #repetitions = new Map<LanguageCode, () => void>();
  #budget: BudgetNotice | undefined;

  constructor(clock: Clock, send: (language: LanguageCode, status: InterpretationStatus) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** @returns whether it was sent: it is not the status that was sent before */
  set(speaker: SpeakerView, language: LanguageCode, reported: ReportedState): boolean {
    const key = keyOf(speaker, language);
    const status = { speaker, language, ...reported };
    const before = this.#statuses.get(key);
    this.#statuses.set(key, status);
    if (before && isSame(this.#reported(before), this.#reported(status))) return false;
    this.#send(language, this.#reported(status));
    return true;
  }

  /**
   * Sets what prevents an interpretation just now; undefined: nothing does. It is reported of interpretations that have a status.
   *
   * @returns whether it is news
   */
  setImpediment(speaker: SpeakerView, language: LanguageCode, impediment: ReportedState | undefined): boolean {
    const key = keyOf(speaker, language);
    const status = this.#statuses.get(key);
    const before = this.#impediments.get(key);
    if (!status || (before?.state === impediment?.state && before?.message === impediment?.message)) return false;
    if (impediment) this.#impediments.set(key, impediment);
    else this.#impediments.delete(key);
    this.#send(language, this.#reported(status));
    return true;
  }

  /** Sends the changed states to everybody who reads or hears an interpretation when the budget changes. */
  setBudget(budget: BudgetNotice | undefined): void {
    if (budget?.message === this.#budget?.message) return;
    this.#budget = budget;
    for (const status of this.#statuses.values())
      if (status.state !== 'overBudget') this.#send(status.language, this.#reported(status));
  }

  /** Removes a speaker who has left. */
  remove(speaker: string): void {
    this.retain((id) => id !== speaker);
  }

  /** Removes all speakers but these. */
  retain(isPresent: (speaker: string) => boolean): void {
    for (const [key, { speaker }] of this.#statuses) {
      if (isPresent(speaker.id)) continue;
      this.#statuses.delete(key);
      this.#impediments.delete(key);
    }
  }

  /** Sends the statuses of a language again in 3 s, for a new reader or listener. */
  repeat(language: LanguageCode): void {
    this.#repetitions.get(language)?.();
    const cancel = this.#clock.after(CHANNEL_FOUND_AFTER_MS, () => {
      this.#repetitions.delete(language);
      for (const status of this.#statuses.values())
        if (status.language === language) this.#send(language, this.#reported(status));
    });
    this.#repetitions.set(language, cancel);
  }

  close(): void {
    for (const cancel of this.#repetitions.values()) cancel();
    this.#repetitions.clear();
  }

  #reported(status: InterpretationStatus & { language: LanguageCode }): InterpretationStatus {
    const { speaker, language } = status;
    const impediment = this.#impediments.get(keyOf(speaker, language));
    return { speaker, ...restrainedState(impediment ?? status, this.#budget) };
  }
}

const keyOf = (speaker: SpeakerView, language: LanguageCode): string => `${speaker.id} ${language}`;

/** Of a wait only the first message is sent, as the remaining time in it changes every second. */
const isSame = (before: InterpretationStatus, now: InterpretationStatus): boolean =>
  before.state === now.state && (now.state === 'waiting' || before.message === now.message);
