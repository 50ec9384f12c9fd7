/** What set-up cannot do, and what the person can. */
export class SetupError extends Error {
  constructor(/** @type {string} */ what, /** @type {string} */ remedy) {
    super(`${what}\n${remedy}`);
    this.name = 'SetupError';
  }
}
