/** When to come back after a connection was lost. Pure. */
const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;

/** 1, 2, 4, 8, 10, 10 … s, each up to a fifth longer, so that a whole room does not come back in one instant. */
export function delayMs(attempt: number, random: number): number {
  return Math.round(Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS / 1.2) * (1 + random / 5));
}
