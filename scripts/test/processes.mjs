/** What runs on this machine, from Linux' /proc: minimal systems have no `ps`. */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * `name` has at most 15 characters; `started` tells a process from a later one with the same id.
 * @typedef {{ pid: number, name: string, parent: number, group: number, started: number, command: string }} Process
 */

/** @returns {Process[]} */
export function processes() {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => read(Number(pid)) ?? []);
}

export const childrenOf = (/** @type {number} */ pid) => processes().filter(({ parent }) => parent === pid);

/** Children, their children and so on. */
export function descendantsOf(/** @type {number} */ pid) {
  const all = processes();
  const found = all.filter(({ parent }) => parent === pid);
  // The list grows while it is walked through.
  for (const { pid: ancestor } of found) found.push(...all.filter(({ parent }) => parent === ancestor));
  return found;
}

export const isRunning = (/** @type {Process} */ { pid, started }) => read(pid)?.started === started;

/**
 * @param {number} pid
 * @returns {Process | undefined} undefined: it ended meanwhile
 */
function read(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    const fields = rest.split(' ');
    const [state = '', parent = '', group = ''] = fields;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    if (state === 'Z') return undefined;
    return { pid, name, parent: Number(parent), group: Number(group), started: Number(fields[19]), command };
  } catch {
    return undefined;
  }
}
