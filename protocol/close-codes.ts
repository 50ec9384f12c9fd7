/**
 * The WebSocket close codes with which the server ends a signalling connection, and what each means for the client. No schemas
 * here: pages bundle this file as it is.
 */
export const CloseCode = {
  /** The room or the server closed. */
  goingAway: 1001,
  /** A message was larger than `MAX_SIGNAL_BYTES`. */
  tooLarge: 1009,
  /** A message was not a request. */
  badMessage: 4400,
  /** The token is missing, wrong or expired. */
  unauthorized: 4401,
  /** A host removed the participant; whoever still holds an invite may come in again. */
  removed: 4403,
  /** A host denied entry to somebody in the waiting room. */
  denied: 4406,
  /** Nobody admitted a person in the waiting room for as long as one may wait. */
  waitedTooLong: 4408,
  /** The same identity joined again, from elsewhere. */
  replaced: 4409,
  /** A host revoked the token or the invite with which the participant came in. */
  revoked: 4410,
  /** The token of the participant has ended while they were in the room. */
  expired: 4411,
  /** The client sent more requests, or had more under way, than one client may. */
  tooMany: 4429,
} as const;

export type CloseCodeName = keyof typeof CloseCode;

/**
 * What a client does when its connection was closed: `rejoin` with the token it has, after a backoff; `newToken`: rejoin with
 * another token, since this one is refused; `stop`: joining again by itself is of no use, or against somebody's will.
 */
export const afterClose = {
  goingAway: 'rejoin',
  tooLarge: 'rejoin',
  badMessage: 'stop',
  unauthorized: 'newToken',
  removed: 'stop',
  denied: 'stop',
  waitedTooLong: 'stop',
  replaced: 'stop',
  revoked: 'stop',
  expired: 'newToken',
  tooMany: 'rejoin',
} as const satisfies Record<CloseCodeName, 'rejoin' | 'newToken' | 'stop'>;

const names = Object.keys(CloseCode) as CloseCodeName[];

/**
 * The name of a close code; undefined: the server did not close the connection, it was lost.
 *
 * @example
 * closeCodeName(4409); // 'replaced'
 * closeCodeName(1006); // undefined
 */
export const closeCodeName = (code: number): CloseCodeName | undefined =>
  names.find((name) => CloseCode[name] === code);

/** After these, joining again with the same token fails: a client without another token stops. */
export const finalCloseCodes: ReadonlySet<number> = new Set(
  names.filter((name) => afterClose[name] !== 'rejoin').map((name) => CloseCode[name]),
);
