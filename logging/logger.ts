/**
 * Where log lines go. pino's loggers and `console` are ones; messages are constant, so that they can be searched for, and the facts stand
 * in the fields.
 *
 * @example
 * const booth = new Booth({ engine, log: pino() });
 */
export interface Logger {
  /** @param fields what the line tells beside its message; an `Error` stands under `err` */
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * A logger whose lines all have these fields too.
 *
 * @example
 * withFields(log, { session: 3 }).warn({ code }, 'translation session lost');
 */
export const withFields = (log: Logger, common: object): Logger => ({
  debug: (fields, message) => log.debug({ ...common, ...fields }, message),
  info: (fields, message) => log.info({ ...common, ...fields }, message),
  warn: (fields, message) => log.warn({ ...common, ...fields }, message),
  error: (fields, message) => log.error({ ...common, ...fields }, message),
});
