/**
 * CPU steal time: the time in which a virtual machine was ready to run and its host ran another one instead. Load averages do not show it.
 */
import { readFileSync } from 'node:fs';

interface Ticks {
  /** Clock ticks in which this machine was ready to run and the host ran another one. */
  steal: number;
  /** Clock ticks in which this machine ran or was ready to run, `steal` included. */
  runnable: number;
}

/**
 * Starts measuring.
 *
 * @returns a function that returns the share of the runnable ticks since the start that were stolen, from 0 to 1; undefined on systems
 *   other than Linux, which do not report it
 */
export function measureStealTime(): () => number | undefined {
  const before = readTicks();
  return () => {
    const now = readTicks();
    return before && now && stealShare(before, now);
  };
}

export function stealShare(before: Ticks, now: Ticks): number {
  const runnable = now.runnable - before.runnable;
  return runnable > 0 ? (now.steal - before.steal) / runnable : 0;
}

function readTicks(): Ticks | undefined {
  try {
    return parseTicks(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** Parses the first line of `/proc/stat`, see proc(5): user, nice, system, idle, iowait, irq, softirq, steal. */
export function parseTicks(stat: string): Ticks {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = stat
    .slice('cpu'.length)
    .trim()
    .split(/\s+/, 8)
    .map(Number);
  return { steal, runnable: user + nice + system + irq + softirq + steal };
}
