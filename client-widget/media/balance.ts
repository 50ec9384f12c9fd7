/**
 * Between the original and its translation: by how many dB the translation is above the original while both sound. The quieter
 * one steps back, the louder one is as it came; at either end, the other one is not heard at all. Pure.
 */

export const USUAL_BALANCE_DB = 15;
export const FULL_BALANCE_DB = 40;

/** What is no number means the usual. */
export const boundedBalance = (db: number): number =>
  Number.isFinite(db) ? Math.min(Math.max(db, -FULL_BALANCE_DB), FULL_BALANCE_DB) : USUAL_BALANCE_DB;

export interface Gains {
  /** Of an original whose translation sounds. */
  lowered: number;
  /** Of any other original. */
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
    // Private windows and full disks: the listener chooses again next time.
  }
}
