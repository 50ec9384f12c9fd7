/** What this browser remembers of a person from one meeting to the next. A storage that refuses is one that is empty. */
import type { Choice } from './offers.ts';

const KEY = 'booth.person';

export interface Remembered extends Partial<Choice> {
  name?: string;
  camera?: boolean;
  captionSize?: number;
}

const languages = (value: unknown) => value === null || typeof value === 'string';
const valid: { [K in keyof Remembered]-?: (value: unknown) => boolean } = {
  name: (value) => typeof value === 'string' && value.length <= 64,
  camera: (value) => typeof value === 'boolean',
  captionSize: (value) => value === 0 || value === 1 || value === 2,
  speaks: languages,
  hears: (value) => typeof value === 'string',
  mode: (value) => value === 'off' || value === 'original' || value === 'translation' || value === 'both',
  language: languages,
};

export function remembered(storage: Pick<Storage, 'getItem'>): Remembered {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? '{}');
    const fields = Object.entries(typeof stored === 'object' && stored !== null ? stored : {});
    return Object.fromEntries(fields.filter(([key, value]) => key in valid && valid[key as keyof Remembered](value)));
  } catch {
    return {};
  }
}

export function remember(storage: Storage, more: Remembered): void {
  try {
    storage.setItem(KEY, JSON.stringify({ ...remembered(storage), ...more }));
  } catch {
    // Private windows and full disks: the person chooses again next time.
  }
}
