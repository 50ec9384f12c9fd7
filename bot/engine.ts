/** Where translations come from: a service, or an engine on this computer. */
import { endpoints, qwen3 } from '../config/models.ts';
import { BoothError } from './booth-error.ts';
import { checkNames } from './check-names.ts';
import { optionNames, type SettingNames } from './session/livetranslate/socket.ts';

/** A translation engine that speaks the LiveTranslate protocol. */
export interface Engine {
  /** Base URL of its realtime endpoint, `wss://…`, without the model. */
  readonly url: string;
  /** The id of the model: `qwen3-livetranslate-flash-realtime`. */
  readonly model: string;
  /** Absent: it needs none. */
  readonly key?: string;
  /** What messages call these where something is to be checked. Default: `engine.key`, `engine.model`, `engine.url`. */
  readonly settingNames?: SettingNames;
  /** Ends it, where it runs on this computer. A `Booth` calls this when it is closed. */
  close?(): Promise<void>;
}

export interface LiveTranslateEngineOptions {
  /** The API key of Alibaba Cloud Model Studio; it belongs to one region. */
  key: string;
  /** Default: `international`. */
  region?: keyof typeof endpoints;
  /** Another endpoint than the region's: `wss://…`. */
  url?: string;
  /** Default: `qwen3-livetranslate-flash-realtime`. */
  model?: string;
}

const OPTIONS = { key: true, region: true, url: true, model: true } satisfies Record<
  keyof LiveTranslateEngineOptions,
  true
>;

/** As the developer has written them. */
const settingNames: SettingNames = {
  key: 'the key of liveTranslate({ key })',
  model: 'the model of liveTranslate({ model })',
  url: 'the url or region of liveTranslate()',
};

/**
 * The cloud service, Qwen LiveTranslate by Alibaba Cloud. Speech is sent there, while somebody hears or reads a translation of it.
 *
 * @throws {BoothError} `invalid` for a key or a URL that cannot be one, and for an option that there is not
 * @example
 * const booth = new Booth({ engine: liveTranslate({ key: process.env.DASHSCOPE_API_KEY }) });
 */
export function liveTranslate(options: LiveTranslateEngineOptions): Engine {
  checkNames('liveTranslate()', options ?? {}, OPTIONS);
  const { key, region = 'international', url, model } = options ?? {};
  if (!Object.hasOwn(endpoints, region))
    throw new BoothError('invalid', `region: "${region}" is none of ${Object.keys(endpoints).join(', ')}`);
  const engine = { url: url ?? endpoints[region], model: model ?? qwen3.id, key, settingNames };
  if (!key) throw new BoothError('invalid', 'key: liveTranslate needs an API key of Alibaba Cloud Model Studio');
  checkEngine(engine);
  return engine;
}

/** @throws {BoothError} `invalid` */
export function checkEngine(engine: Engine): void {
  if (engine === undefined || engine === null)
    throw new BoothError(
      'invalid',
      'engine is missing: new Booth({ engine: liveTranslate({ key }) }), or new Booth({ engine: offline() }) without a key',
    );
  const { url, model, key, settingNames: names = optionNames } = engine as Partial<Engine>;
  if (typeof url !== 'string' || !/^wss?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new BoothError(
      'invalid',
      `${names.url}: ${JSON.stringify(url)} is no address of an engine: liveTranslate({ key }) and offline() give one, such as "wss://…"`,
    );
  if (typeof model !== 'string' || model === '')
    throw new BoothError(
      'invalid',
      `${names.model}: needs the id of a model, such as "qwen3-livetranslate-flash-realtime"`,
    );
  if (key !== undefined && !(typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)))
    throw new BoothError('invalid', `${names.key}: is no key, because it is empty or has blanks or special characters`);
}
