/** What runs on this machine, from /proc: minimal systems have no `ps`. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  pid: number;
  /** The program's name, at most 15 characters. */
  name: string;
  parent: number;
  group: number;
  command: string;
}

export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => read(Number(pid)) ?? []);
}

export const childrenOf = (pid: number): Process[] => processes().filter(({ parent }) => parent === pid);

/** Undefined: it ended meanwhile. */
function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    const [state = '', parent = '', group = ''] = rest.split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return state === 'Z' ? undefined : { pid, name, parent: Number(parent), group: Number(group), command };
  } catch {
    return undefined;
  }
}
