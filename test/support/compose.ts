/** `compose.yaml` as Docker Compose reads it: with the variables of an environment in their places. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repository } from '../../scripts/places.mjs';

export interface ComposeService {
  image?: string;
  profiles?: string[];
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }> | string[];
  networks?: string[] | Record<string, { aliases?: string[] }>;
  stop_grace_period?: string;
  network_mode?: string;
}

export interface Compose {
  services: Record<string, ComposeService>;
}

export const composeText = (): string => readFileSync(join(repository, 'compose.yaml'), 'utf8');

/** As Compose reads it, which knows YAML's merge keys. */
export const parseCompose = (text: string): unknown => parse(text, { merge: true });

/** `${NAME}`, `${NAME:-default}` and `${NAME:?what is wrong}`. */
const VARIABLE = /\$\{(\w+)(?:(:[-?])([^}]*))?\}/g;

export const variablesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(VARIABLE)].map(([, name = '']) => name)),
];

/** @throws {Error} as Compose does, where a variable is empty that has to be set */
export function readCompose(environment: Readonly<Record<string, string>>): Compose {
  const filledIn = (text: string): string =>
    text.replaceAll(VARIABLE, (_, name: string, sign?: string, rest = '') => {
      const value = environment[name] ?? '';
      if (value === '' && sign === ':?') throw new Error(`${name} ${rest}`);
      return value === '' && sign === ':-' ? rest : value;
    });
  // Compose reads the file first and fills in afterwards, so that no value can change what the file says.
  const fill = (node: unknown): unknown => {
    if (typeof node === 'string') return filledIn(node);
    if (Array.isArray(node)) return node.map(fill);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, fill(value)]));
  };
  return fill(parseCompose(composeText())) as Compose;
}

/** The services that run with a profile: those of it, and those of none. */
export const servicesOf = ({ services }: Compose, profile: string): Record<string, ComposeService> =>
  Object.fromEntries(Object.entries(services).filter(([, { profiles }]) => profiles?.includes(profile) ?? true));

/** `.env.example`, whose values are the defaults. */
export function exampleEnvironment(): Record<string, string> {
  const lines = readFileSync(join(repository, '.env.example'), 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? '']];
    }),
  );
}
