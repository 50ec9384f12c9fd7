/** A disk of a few kilobytes, which only the program that a test starts sees: a mount namespace, on Linux as root or where users may make one. */
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './booth-process.ts';

/** The command that runs what follows it as its `$@`, with a disk of so many kilobytes at `folder`. */
const mounting = (folder: string, kilobytes: number): string[] => [
  ...['unshare', '--map-root-user', '--mount', 'sh', '-c'],
  `mount -t tmpfs -o size=${kilobytes}k none '${folder}' && exec "$@"`,
];

/** Whether this machine lets the test make one. */
export function canMakeDisks(): boolean {
  const [program = '', ...args] = mounting('/mnt', 64);
  try {
    execFileSync(program, [...args, 'sh', 'true'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/** @returns the folder at which the disk is, and how a program is started that sees it there */
export function smallDisk(kilobytes: number): { folder: string; startedBy(program: string): string } {
  const folder = temporaryFolder();
  const startedBy = (program: string): string => {
    const script = join(temporaryFolder(), 'with-small-disk');
    const quoted = mounting(folder, kilobytes).map((part) => `'${part.replaceAll("'", `'\\''`)}'`);
    writeFileSync(script, `#!/bin/sh\nexec ${quoted.join(' ')} '${program}' '${program}' "$@"\n`);
    chmodSync(script, 0o755);
    return script;
  };
  return { folder, startedBy };
}
