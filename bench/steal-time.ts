/** How much of this machine's processor time its host gave to other machines meanwhile: what no load average shows. */
import { readFileSync } from 'node:fs';

interface Ticks {
  stolen: number;
  /** That this machine wanted to run. */
  wanted: number;
}

/** Begins to count. @returns what tells the share, from 0 to 1; undefined: the system does not say (it is not Linux) */
export function watchStolen(): () => number | undefined {
  const before = ticks();
  return () => {
    const now = ticks();
    return before && now && shareStolen(before, now);
  };
}

export function shareStolen(before: Ticks, now: Ticks): number {
  const wanted = now.wanted - before.wanted;
  return wanted > 0 ? (now.stolen - before.stolen) / wanted : 0;
}

function ticks(): Ticks | undefined {
  try {
    return ticksIn(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return undefined;
  }
}

/** The first line of `/proc/stat`, see proc(5): user, nice, system, idle, iowait, irq, softirq, steal. */
export function ticksIn(stat: string): Ticks {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = stat
    .slice('cpu'.length)
    .trim()
    .split(/\s+/, 8)
    .map(Number);
  return { stolen, wanted: user + nice + system + irq + softirq + stolen };
}
