/**
 * Prints the progress of long steps on stderr: what is done, how long it usually takes, how far it is. On a terminal that is one line
 * which is overwritten; elsewhere (a CI's log) a line every ten seconds.
 */

const TERMINAL_MS = 500;
const LOG_MS = 10_000;

/** @typedef {{ title: string, usually: string }} Step */

/** @typedef {import('../../engine/setup/steps.mjs').Report} Report */

/**
 * @template T
 * @param {Step} step
 * @param {(report: Report) => Promise<T>} work
 * @param {{ write(text: string): unknown, isTTY?: boolean }} [screen]
 * @returns {Promise<T>}
 */
export async function withProgress({ title, usually }, work, screen = process.stderr) {
  const startedAt = performance.now();
  let how = '';
  const line = (/** @type {string} */ text) => screen.write(screen.isTTY ? `\r\x1b[2K${text}` : `${text}\n`);
  const now = () =>
    line(`booth: ${title}: ${[how, elapsed(performance.now() - startedAt)].filter(Boolean).join(', ')}`);
  line(`booth: ${title} (${usually}) …`);
  const timer = setInterval(now, screen.isTTY ? TERMINAL_MS : LOG_MS);
  try {
    const result = await work((text) => {
      how = text;
    });
    line(`booth: ${title}: done in ${elapsed(performance.now() - startedAt)}`);
    return result;
  } finally {
    clearInterval(timer);
    if (screen.isTTY) screen.write('\n');
  }
}

/** `7 s`, `2 min 5 s` */
export function elapsed(/** @type {number} */ ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
