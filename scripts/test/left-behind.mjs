/**
 * Finds the processes that tests have started and not ended, among them those whose parent is gone: on Linux this process adopts the
 * orphans among its descendants (PR_SET_CHILD_SUBREAPER), so that they stay below it, and processes of others are never taken for its
 * own. Elsewhere none is found.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { descendantsOf } from './processes.mjs';

const SET_CHILD_SUBREAPER = 36;
/** A process whose parent is gone ends by itself within 5 s. */
const ENDS_WITHIN_MS = 6000;
const LOOK_EVERY_MS = 100;
const KILL_PASSES = 100;
const KILL_PASS_MS = 20;

/** To be called before any process is started. */
export async function adoptOrphans() {
  if (process.platform !== 'linux') return;
  const { default: koffi } = await import('koffi');
  const prctl = koffi.load(null).func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
  if (prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error('this process cannot adopt orphans');
}

/**
 * Waits for the end of all that this process has started, and kills what does not end.
 * @returns what was killed: process ids and command lines
 */
export async function endDescendants() {
  for (let waitedMs = 0; waitedMs < ENDS_WITHIN_MS && running().length > 0; waitedMs += LOOK_EVERY_MS)
    await sleep(LOOK_EVERY_MS);
  const left = running().map(({ pid, name, command }) => `${pid} ${command || name}`);
  killDescendants();
  return left;
}

/** Kills all that this process has started, and returns when it is gone, after 2 s at the latest. */
export function killDescendants() {
  const wait = new Int32Array(new SharedArrayBuffer(4));
  for (let pass = 0; pass < KILL_PASSES; pass++) {
    const left = running();
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid);
    Atomics.wait(wait, 0, 0, KILL_PASS_MS);
  }
}

const running = () => (process.platform === 'linux' ? descendantsOf(process.pid) : []);

function kill(/** @type {number} */ pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
