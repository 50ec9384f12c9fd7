/** The languages that a person chose, kept by their browser for every page of this origin. A storage that cannot be used counts as empty. */
import type { ChosenLanguages } from './language-selection.ts';

/** Returns the storage; throws where the page may not have one, as in a sandboxed frame. */
type StorageOf = () => Pick<Storage, 'getItem' | 'setItem'>;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export class RememberedChoice {
  readonly #key: string;
  readonly #storageOf: StorageOf;

  constructor(key: string, storageOf: StorageOf = () => localStorage) {
    this.#key = key;
    this.#storageOf = storageOf;
  }

  /** Returns the last choice; of what is stored, only what is a valid choice. */
  load(): Partial<ChosenLanguages> {
    try {
      const { hears, reads } = Object(JSON.parse(this.#storageOf().getItem(this.#key) ?? '{}')) as {
        hears?: unknown;
        reads?: unknown;
      };
      // Captions show one language.
      const isList = Array.isArray(reads) && reads.length <= 1 && reads.every(isText);
      return { ...(isText(hears) && { hears }), ...(isList && { reads }) };
    } catch {
      return {};
    }
  }

  save(chosen: ChosenLanguages): void {
    try {
      this.#storageOf().setItem(this.#key, JSON.stringify(chosen));
    } catch {
      // Private windows and full disks store nothing; the person chooses again next time.
    }
  }
}
