#!/usr/bin/env node
/**
 * `node scripts/health.mjs`: asks the server on this computer whether it can take people in, and ends with 0 where it can. It is what a
 * container's health check runs: of the settings it reads the port alone, loads nothing, and prints the reasons why not.
 */
const WITHIN_MS = 8000;

const { BOOTH_PORT: port = '3000', BOOTH_HOST: host = '' } = process.env;
const url = `http://${own(host)}:${port}/readyz`;
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS) });
  process.stdout.write(`${await response.text()}\n`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  process.stdout.write(`${url} does not answer (${error instanceof Error ? error.message : error}${cause})\n`);
  process.exitCode = 1;
}

/** The address by which this computer reaches a server that is bound to `host`. */
function own(/** @type {string} */ bound) {
  if (['', '0.0.0.0', '::'].includes(bound)) return '127.0.0.1';
  return bound.includes(':') ? `[${bound}]` : bound;
}
