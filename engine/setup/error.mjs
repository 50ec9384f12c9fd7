/**
 * Why set-up failed: this computer cannot run the part, the network is away, the cache folder cannot be written, or something else.
 * @typedef {'notSupported' | 'networkUnreachable' | 'cacheNotWritable' | 'failed'} SetupErrorCode
 */

/** An error for people: what set-up could not do, and what they can do about it. */
export class SetupError extends Error {
  what;
  code;
  constructor(/** @type {string} */ what, /** @type {string} */ remedy, /** @type {SetupErrorCode} */ code = 'failed') {
    super(`${what}\n${remedy}`);
    this.name = 'SetupError';
    this.what = what;
    this.code = code;
  }
}

/** What the system's resolver, npm and apt say where the network is away. */
const NO_NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|Temporary failure resolving|Could not resolve|Could(?: not|n't) connect|Unable to connect|[Nn]etwork is unreachable|timed out/;

/** The code of a download that failed with these words. @returns {SetupErrorCode} */
export const downloadErrorCode = (/** @type {string} */ output) =>
  NO_NETWORK.test(output) ? 'networkUnreachable' : 'failed';
