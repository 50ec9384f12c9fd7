/**
 * The settings that every command starts from: configuration, data folder and environment. No other file of the command line reads
 * `default.yaml` or `process.env`.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { type Config, configuration } from '../config/schema.ts';
import { UsageError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  config: Config;
  environment: Environment;
  dataDir: string;
}

/** @throws {ConfigError} */
export function readSettings(environment: Environment = process.env): Settings {
  const defaults = readFileSync(new URL('../config/default.yaml', import.meta.url), 'utf8');
  const config = configuration(defaults, environment);
  return { config, environment, dataDir: dataDirFor(config, environment) };
}

/** The configured data folder, else `booth` in the user's data folder (XDG base directories, where a relative path does not count). */
export function dataDirFor({ dataDir }: Pick<Config, 'dataDir'>, environment: Environment): string {
  if (dataDir) return resolve(dataDir);
  const xdg = environment.XDG_DATA_HOME ?? '';
  return join(isAbsolute(xdg) ? xdg : join(environment.HOME || homedir(), '.local/share'), 'booth');
}

/** The settings, with the translation service that the command line names. @throws {UsageError} where `url` is no WebSocket URL */
export function withTranslationService(
  settings: Settings,
  { url, model }: { url?: string | undefined; model?: string | undefined },
): Settings {
  if (url !== undefined && !/^wss?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new UsageError(`--url "${url}" is not a ws:// or wss:// URL`);
  }
  const { livetranslate } = settings.config;
  const service = { ...livetranslate, url: url ?? livetranslate.url, model: model ?? livetranslate.model };
  return { ...settings, config: { ...settings.config, livetranslate: service } };
}
