/** An error for people: what set-up could not do, and what they can do about it. */
export class SetupError extends Error {
  constructor(/** @type {string} */ what, /** @type {string} */ remedy) {
    super(`${what}\n${remedy}`);
    this.name = 'SetupError';
  }
}
