/**
 * The thread of `parent-watchdog.mjs`. It is JavaScript, because a thread that strips types from its program needs twice the memory
 * (30 MB instead of 14 MB). It uses nothing that runs on the main thread: neither messages nor standard output.
 */
import process from 'node:process';
import { workerData as parentPid } from 'node:worker_threads';

const CHECK_EVERY_MS = 500;
/** Time for the process to end by itself. */
const KILL_AFTER_MS = 2000;

const checking = setInterval(() => {
  if (process.ppid === parentPid) return;
  clearInterval(checking);
  process.kill(process.pid, 'SIGTERM');
  setTimeout(killThisProcess, KILL_AFTER_MS);
}, CHECK_EVERY_MS);

/** Processes that this one has started end with it where it leads their group, even those that do not notice its end. */
function killThisProcess() {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}
