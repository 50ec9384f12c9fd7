/**
 * What the handler is built on of mediasoup-client, and what tells a developer that theirs does not fit: versions before 3.22 ask a handler
 * for other things, and would fail somewhere in the middle with an error that names neither.
 *
 * It is loaded with `require`, so that an old version, in which these modules do not exist, is told apart from a missing one.
 */
import { createRequire } from 'node:module';

const OLDEST = { major: 3, minor: 22 };
const REMEDY = 'Run "npm install mediasoup-client@3" where this process is started.';

/** The version of mediasoup-client is not one that the handler fits; the message tells how to change that. */
export class MediasoupClientVersionError extends Error {
  override readonly name = 'MediasoupClientVersionError';
  readonly code = 'mediasoupClientVersion';

  /** @param found the version, where it is known */
  constructor(found?: string, options?: ErrorOptions) {
    const which = found === undefined ? 'this one is older' : `this is ${found}`;
    super(
      `@mediasoup-booth/werift-handler needs mediasoup-client ${OLDEST.major}.${OLDEST.minor} or later (before 4), and ${which}. ${REMEDY}`,
      options,
    );
  }
}

type MediasoupClient = Pick<typeof import('mediasoup-client'), 'ortc'> &
  Pick<typeof import('mediasoup-client/handlers/HandlerInterface'), 'HandlerInterface'>;

export const { ortc, HandlerInterface } = loaded();

function loaded(): MediasoupClient {
  const require = createRequire(import.meta.url);
  const { version, ortc } = require('mediasoup-client') as typeof import('mediasoup-client');
  if (!fits(version)) throw new MediasoupClientVersionError(version);
  const { HandlerInterface } = require('mediasoup-client/handlers/HandlerInterface') as MediasoupClient;
  return { ortc, HandlerInterface };
}

/** A version that is no number is that of 3.22.0, which was published with a placeholder in its place. */
function fits(version: string): boolean {
  const [major = Number.NaN, minor = Number.NaN] = version.split('.').map(Number);
  return Number.isNaN(major) || (major === OLDEST.major && minor >= OLDEST.minor);
}
