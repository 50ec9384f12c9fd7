/** The CPU time and memory of processes on a Linux computer, as `/proc` tells it: all threads together. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
const MEGABYTE = 2 ** 20;

/** Seconds of CPU time that processes have used so far; 0 for one that is gone. @throws where there is no `/proc` */
export const cpuSeconds = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + ofProcess(pid), 0);

function ofProcess(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return 0;
  // The second field is a name in parentheses, which may contain blanks; user and system time are the 14th and the 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Megabytes of memory that processes have resident; 0 for one that is gone. */
export const residentMB = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const pages = Number(read(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0);
    return sum + (pages * PAGE_BYTES) / MEGABYTE;
  }, 0);

/** Keeps all threads of processes on some cores, by `taskset`. @returns whether that worked */
export function pin(pids: readonly number[], cores: string): boolean {
  try {
    for (const pid of pids) execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Three times the weight of a program that somebody else runs. */
const PRIORITY = -5;

/**
 * Has processes run before what else this computer does, where that is permitted. Linux shares its cores out among sessions first, and within
 * each by the priorities of its processes: these should be in a session of their own.
 */
export function prefer(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), PRIORITY);
      writeFileSync(`/proc/${pid}/autogroup`, String(PRIORITY));
    } catch {
      // It is gone, or this user or this system does not permit it.
    }
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH')
      return undefined;
    throw error;
  }
}
