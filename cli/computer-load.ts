/** What this computer has to do, as a worker says of itself. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem } from 'node:os';
import type { LoadSample } from '../cluster/worker-load.ts';
import { measureEventLoopDelay } from '../process/event-loop-delay.ts';

/** Shorter than this, the clock of the cores is too coarse. */
const SAMPLE_MS = 1000;

/**
 * Measures from now on.
 *
 * @returns a function that returns what the last second or two were like
 * @example
 * const load = measureLoad();
 * load().cpu; // 0.31
 */
export function measureLoad(): () => LoadSample {
  const eventLoopDelay = measureEventLoopDelay();
  let before = { atMs: performance.now(), ...coreTimes() };
  let [cpu, eventLoopDelayMs] = [0, 0];
  return () => {
    const atMs = performance.now();
    if (atMs - before.atMs >= SAMPLE_MS) {
      const now = coreTimes();
      cpu = now.all > before.all ? (now.busy - before.busy) / (now.all - before.all) : cpu;
      before = { atMs, ...now };
      eventLoopDelayMs = eventLoopDelay();
    }
    return { cpu, cores: availableParallelism(), eventLoopDelayMs, freeMemoryMb: availableMemoryMb() };
  };
}

function coreTimes(): { busy: number; all: number } {
  const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({ busy: user + nice + sys + irq, idle }));
  const busy = times.reduce((sum, core) => sum + core.busy, 0);
  return { busy, all: times.reduce((sum, core) => sum + core.idle, busy) };
}

/** What Linux would give to programs; elsewhere what nobody uses. */
function availableMemoryMb(): number {
  try {
    const [, kilobytes] = /^MemAvailable:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) / 1024;
  } catch {
    // Another system.
  }
  return freemem() / 2 ** 20;
}
