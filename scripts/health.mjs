#!/usr/bin/env node
/**
 * `node scripts/health.mjs`: asks the server on this computer whether it can take people in, and ends with 0 where it can. It is what a
 * container's health check runs: of the settings it reads where the server listens and whether it has a certificate, which is for other
 * names than this computer's own. It prints the reasons why not.
 */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';

const WITHIN_MS = 8000;

const { BOOTH_PORT: port = '3000', BOOTH_HOST: host = '', BOOTH_TLS_CERTIFICATE: certificate = '' } = process.env;
const url = `${certificate ? 'https' : 'http'}://${own(host)}:${port}/readyz`;
const signal = AbortSignal.timeout(WITHIN_MS);
try {
  const request = certificate ? https.get(url, { signal, rejectUnauthorized: false }) : http.get(url, { signal });
  const [response] = await once(request, 'response');
  process.stdout.write(`${await text(response)}\n`);
  process.exitCode = response.statusCode === 200 ? 0 : 1;
} catch (error) {
  process.stdout.write(`${url} does not answer (${error instanceof Error ? error.message : error})\n`);
  process.exitCode = 1;
}

/** The address by which this computer reaches a server that is bound to `host`. */
function own(/** @type {string} */ bound) {
  if (['', '0.0.0.0', '::'].includes(bound)) return '127.0.0.1';
  return bound.includes(':') ? `[${bound}]` : bound;
}
