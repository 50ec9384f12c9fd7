/**
 * The balance between an original and its translation: by how many dB the translation is louder while both play. The quieter one is
 * attenuated, the louder one is left as it is; at either end the quieter one is silent.
 */

export const USUAL_BALANCE_DB = 15;
export const FULL_BALANCE_DB = 40;

/** Limits a balance to −40 to 40 dB; anything that is no number becomes the default. */
export const boundedBalance = (db: number): number =>
  Number.isFinite(db) ? Math.min(Math.max(db, -FULL_BALANCE_DB), FULL_BALANCE_DB) : USUAL_BALANCE_DB;

export interface Gains {
  /** The gain of an original while its translation plays. */
  lowered: number;
  /** The gain of every other original. */
  original: number;
  translation: number;
}

export function gainsOf(balanceDb: number): Gains {
  if (balanceDb >= FULL_BALANCE_DB) return { lowered: 0, original: 0, translation: 1 };
  if (balanceDb <= -FULL_BALANCE_DB) return { lowered: 1, original: 1, translation: 0 };
  return { lowered: amplitude(Math.min(-balanceDb, 0)), original: 1, translation: amplitude(Math.min(balanceDb, 0)) };
}

const amplitude = (db: number): number => 10 ** (db / 20);

const KEY = 'booth.balance';

export function loadBalance(): number | undefined {
  try {
    const text = localStorage.getItem(KEY);
    return text === null || !Number.isFinite(Number(text)) ? undefined : Number(text);
  } catch {
    return undefined;
  }
}

export function saveBalance(balance: number): void {
  try {
    localStorage.setItem(KEY, String(balance));
  } catch {
    // Private windows and full disks store nothing; the listener chooses again next time.
  }
}
