/**
 * The text of one utterance as a service revises it → captions that never take a word back. Pure.
 *
 * Hard requirement: `stable` only grows. What contradicts it is held back until the end, and then told as `corrected`.
 */
export interface CaptionText {
  stable: string;
  tentative: string;
}

export interface FinalText {
  stable: string;
  /** The whole text, where it contradicts `stable`. */
  corrected?: string;
}

export class Stabilizer {
  #stable = '';
  #latest = '';

  /** All that was shown last. */
  get shown(): string {
    return this.#latest;
  }

  /** What the service has confirmed, and what it may still change. */
  update(confirmed: string, tentative: string): CaptionText {
    const whole = confirmed + tentative;
    this.#latest = whole;
    if (confirmed.startsWith(this.#stable)) this.#stable = confirmed;
    return {
      stable: this.#stable,
      tentative: whole.startsWith(this.#stable) ? whole.slice(this.#stable.length) : '',
    };
  }

  /** What is tentative was said before. */
  retract(): void {
    this.#latest = this.#stable;
  }

  /** The service's last word; empty: what it said before it fell silent. */
  finish(text: string): FinalText {
    const whole = text || this.#latest;
    if (whole.startsWith(this.#stable)) return { stable: whole };
    return { stable: this.#stable, corrected: whole };
  }
}
