/** Chooses the translation service. Pure. */

import type { EngineView } from '@mediasoup-booth/protocol';
import { engineLabel } from '../config/engine-label.ts';
import { type Model, modelNamed, offline, qwen3 } from '../config/models.ts';
import { type Config, ConfigError } from '../config/schema.ts';
import type { Environment } from './settings.ts';

export interface EngineChoice {
  model: Model;
  /** Undefined where the embedded engine was chosen, which has no URL before it is started. */
  url?: string;
  key?: string;
  view: EngineView;
}

/**
 * With a key, the cloud model; else the configured service; else the embedded engine.
 *
 * @throws {ConfigError} where the chosen model needs a key and there is none
 */
export function chooseEngine(
  { livetranslate, engine }: Pick<Config, 'livetranslate' | 'engine'>,
  environment: Environment,
): EngineChoice {
  const key = environment.DASHSCOPE_API_KEY?.trim() || undefined;
  const model = modelNamed(livetranslate.model || (key ? qwen3.id : offline.id));
  const url = livetranslate.url || model.url;
  if (model.kind === 'cloud' && !key && !livetranslate.url) {
    throw new ConfigError(
      `${model.id} needs DASHSCOPE_API_KEY. Without BOOTH_LIVETRANSLATE_MODEL the offline engine is used.`,
    );
  }
  return {
    model,
    view: { model: model.id, kind: model.kind, label: engineLabel(model, url) },
    ...(url && { url }),
    ...keyFor(model, key, engine.key),
  };
}

/** The vendor's key goes to no offline engine, which has a key of its own. The embedded one makes it when it is started. */
function keyFor({ kind }: Model, vendorKey: string | undefined, engineKey: string): { key?: string } {
  const key = kind === 'cloud' ? vendorKey : engineKey;
  return key ? { key } : {};
}
