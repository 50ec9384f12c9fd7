/** The preferences that this browser stores from one meeting to the next. A storage that cannot be used counts as empty. */

import { type CaptionSize, captionSizes } from './action.ts';
import type { LanguageChoice } from './language-offers.ts';

const KEY = 'booth.person';

export interface StoredPreferences extends Partial<LanguageChoice> {
  name?: string;
  camera?: boolean;
  captionSize?: CaptionSize;
  /** Whether interpreters may listen to this person. */
  interpret?: boolean;
  /** Whether interpreters may look at this person's video. */
  pictures?: boolean;
  /** The language of the page's own texts. */
  locale?: string;
  /** The chosen devices, by the browser's ids. */
  microphone?: string;
  cameraDevice?: string;
  speaker?: string;
}

const isText = (value: unknown) => typeof value === 'string' && value.length <= 256;
const isLanguage = (value: unknown) => value === null || typeof value === 'string';
const valid: { [K in keyof StoredPreferences]-?: (value: unknown) => boolean } = {
  name: (value) => typeof value === 'string' && value.length <= 64,
  camera: (value) => typeof value === 'boolean',
  captionSize: (value) => captionSizes.some((size) => size === value),
  interpret: (value) => typeof value === 'boolean',
  pictures: (value) => typeof value === 'boolean',
  locale: isText,
  microphone: isText,
  cameraDevice: isText,
  speaker: isText,
  speaks: isLanguage,
  hears: (value) => typeof value === 'string',
  mode: (value) => value === 'off' || value === 'original' || value === 'translation' || value === 'both',
  language: isLanguage,
};

export function loadPreferences(storage: Pick<Storage, 'getItem'>): StoredPreferences {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? '{}');
    const fields = Object.entries(typeof stored === 'object' && stored !== null ? stored : {});
    return Object.fromEntries(
      fields.filter(([key, value]) => Object.hasOwn(valid, key) && valid[key as keyof StoredPreferences](value)),
    );
  } catch {
    return {};
  }
}

export function savePreferences(storage: Pick<Storage, 'getItem' | 'setItem'>, more: StoredPreferences): void {
  try {
    storage.setItem(KEY, JSON.stringify({ ...loadPreferences(storage), ...more }));
  } catch {
    // Private windows and full disks store nothing; the person chooses again next time.
  }
}
