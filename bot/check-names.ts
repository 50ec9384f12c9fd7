import { BoothError } from './booth-error.ts';

/**
 * Refuses an option that does not exist: a slip of the pen in JavaScript would otherwise be silent.
 *
 * @throws {BoothError} `invalid`
 */
export function checkNames(call: string, options: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known).join(', ');
  throw new BoothError('invalid', `${call} has no option "${unknown}": there are ${names}`);
}
