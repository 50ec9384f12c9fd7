/**
 * The error of a refused request, over signalling and REST alike: its HTTP status by code. `message` is for people: what was wrong, and
 * the remedy. Anything else that is thrown is a defect of the server.
 */
export const statusByCode = {
  invalid: 400,
  noSuchLanguage: 400,
  unknownMethod: 400,
  notJoined: 400,
  alreadyJoined: 400,
  media: 400,
  missingToken: 401,
  badToken: 401,
  unsignedToken: 401,
  forgedToken: 401,
  expiredToken: 401,
  wrongRoom: 403,
  forbidden: 403,
  revoked: 403,
  inviteNeeded: 403,
  signInExpired: 403,
  signedOut: 403,
  waiting: 403,
  notAdmitted: 403,
  interpretationRefused: 403,
  notFound: 404,
  elsewhere: 307,
  conflict: 409,
  tooManyLanguages: 409,
  tooLarge: 413,
  upgradeNeeded: 426,
  upgradeBlocked: 426,
  tooMany: 429,
  tooManyWaiting: 429,
  unavailable: 503,
} as const;

export type ApiErrorCode = keyof typeof statusByCode;

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;

  constructor(code: ApiErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The validation errors of a schema in one line. */
export const issues = (error: Issues): string =>
  error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message)).join('; ');

interface Issues {
  issues: readonly { path: readonly PropertyKey[]; message: string }[];
}
