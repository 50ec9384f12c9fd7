/** What is known of the people in a room, from what their host says of them, and what the interpreter is told of it. Pure. */
import type { HeardLanguage, LanguageCode, ParticipantView, ProducerView } from '@mediasoup-booth/protocol';
import { BoothError } from '../booth-error.ts';
import { checkNames } from '../check-names.ts';
import type { PersonOptions } from './room-options.ts';
import { matchLanguage, type ServedLanguages } from './served-languages.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  /** Undefined: it was not said. A language that is not served is kept as it was given. */
  readonly speaks: LanguageCode | null | undefined;
  readonly hears: HeardLanguage;
  readonly reads: readonly (LanguageCode | 'original')[];
  readonly interpret: boolean;
  readonly pictures: boolean;
}

const OPTIONS = {
  name: true,
  speaks: true,
  hears: true,
  reads: true,
  interpret: true,
  pictures: true,
} satisfies Record<keyof PersonOptions, true>;
const MAX_READ = 4;
const MAX_NAME = 64;

export const newPerson = (id: string): Person => ({
  id,
  name: id.slice(0, MAX_NAME),
  speaks: undefined,
  hears: 'original',
  reads: [],
  interpret: true,
  pictures: true,
});

/** @throws {BoothError} `invalid` */
export function checkPersonId(id: unknown): void {
  if (typeof id !== 'string' || id === '')
    throw new BoothError('invalid', `the id of a person is a text, and not ${JSON.stringify(id)}`);
}

/**
 * A person after a change; what is left out, or undefined, stays.
 *
 * @throws {BoothError} `invalid`, `languageNotServed`
 */
export function changedPerson(person: Person, options: PersonOptions, served: ServedLanguages): Person {
  checkNames('person()', options, OPTIONS);
  const { name, speaks, hears, reads, interpret, pictures } = options;
  return {
    id: person.id,
    name: name === undefined ? person.name : checkedName(name, person.id),
    speaks: speaks === undefined ? person.speaks : spoken(speaks, served),
    hears: hears === undefined ? person.hears : heard(hears, served),
    reads: reads === undefined ? person.reads : read(reads, served),
    interpret: interpret === undefined ? person.interpret : checkedFlag('interpret', interpret),
    pictures: pictures === undefined ? person.pictures : checkedFlag('pictures', pictures),
  };
}

function checkedName(name: unknown, id: string): string {
  if (typeof name !== 'string') throw new BoothError('invalid', `name: a text, and not ${JSON.stringify(name)}`);
  return name.trim().slice(0, MAX_NAME) || id.slice(0, MAX_NAME);
}

function checkedFlag(what: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new BoothError('invalid', `${what}: true or false, and not ${JSON.stringify(value)}`);
}

/** What people speak is a fact, not a wish: a language that is not served is no error, and none at all is not known. */
function spoken(speaks: unknown, { sources }: ServedLanguages): Person['speaks'] {
  if (speaks === null) return null;
  if (typeof speaks === 'string') return speaks.trim() === '' ? undefined : (matchLanguage(speaks, sources) ?? speaks);
  throw new BoothError('invalid', `speaks: a language such as "en", or null, and not ${JSON.stringify(speaks)}`);
}

function heard(hears: unknown, { targets }: ServedLanguages): HeardLanguage {
  if (hears === 'original') return hears;
  return wished('hears', hears, targets);
}

function read(reads: unknown, { targets, sources }: ServedLanguages): (LanguageCode | 'original')[] {
  if (!Array.isArray(reads) || reads.length > MAX_READ)
    throw new BoothError('invalid', `reads: a list of at most ${MAX_READ} languages, and not ${JSON.stringify(reads)}`);
  // Whoever reads a language also reads what is spoken in it.
  const readable = [...targets, ...sources];
  const all = reads.map((one: unknown) => (one === 'original' ? one : wished('reads', one, readable)));
  return [...new Set(all)];
}

function wished(what: 'hears' | 'reads', wish: unknown, served: readonly LanguageCode[]): LanguageCode {
  const code = typeof wish === 'string' ? matchLanguage(wish, served) : undefined;
  if (code !== undefined) return code;
  const all = [...new Set(served)].sort().join(', ');
  throw new BoothError(
    'languageNotServed',
    `${what}: ${JSON.stringify(wish)} is not among the languages here: "original", or one of ${all} (languages() lists them)`,
  );
}

/** A person as the interpreter sees them. A language that nobody was told is none. */
export const participantOf = (
  { id, name, speaks, hears, reads, interpret, pictures }: Person,
  producers: ProducerView[],
): ParticipantView => ({
  id,
  name,
  kind: 'person',
  hidden: false,
  speaks: speaks ?? null,
  hears,
  reads: [...reads],
  interpret,
  pictures,
  producers,
  dataProducers: [],
});
