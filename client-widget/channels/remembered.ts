/** The balance that a listener chose, on every page of this origin. A storage that refuses is one that is empty. */
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
