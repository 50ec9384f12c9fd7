/**
 * Helps a rule-based translator over what its rules for English and Spanish miss: says the English in the way they know
 * (`clauses.ts`), and mends what is regularly wrong in the Spanish (`spanish.ts`). Nothing is made up here.
 */
import { clausesOf } from './clauses.ts';
import { joinClauses } from './spanish.ts';
import type { Translator } from './stages.ts';

export class EnglishToSpanish implements Translator {
  readonly #translator: Translator;

  constructor(translator: Translator) {
    this.#translator = translator;
  }

  async translate(sentence: string): Promise<string> {
    const clauses = clausesOf(sentence);
    const translations = await Promise.all(clauses.map(({ english }) => this.#translator.translate(english)));
    return joinClauses(clauses.map((clause, i) => ({ clause, spanish: translations[i] ?? '' })));
  }

  close(): void {
    this.#translator.close();
  }
}
