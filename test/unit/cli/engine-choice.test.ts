import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../cli/engine-choice.ts';
import { checkLanguages } from '../../../cli/model-support.ts';
import { dataDirFor, readSettings, withTranslationService } from '../../../cli/settings.ts';
import { modelNamed, offline, qwen3 } from '../../../config/models.ts';
import { ConfigError } from '../../../config/schema.ts';

const choose = (livetranslate: { url?: string; model?: string }, key?: string, engineKey = '') => {
  const { livetranslate: defaults, engine } = readSettings({}).config;
  return chooseEngine(
    { livetranslate: { ...defaults, ...livetranslate }, engine: { ...engine, key: engineKey } },
    { DASHSCOPE_API_KEY: key },
  );
};

describe('the choice of the translation service', () => {
  it('is the embedded engine where nothing is configured', () => {
    expect(choose({})).toEqual({
      model: offline,
      view: {
        model: 'booth-offline',
        kind: 'offline',
        label: 'Offline engine · rough translation · nothing leaves this computer',
      },
    });
  });

  it('shows an offline engine elsewhere its own key, and the vendor’s key to the vendor alone', () => {
    const url = 'ws://127.0.0.1:4000';
    expect(choose({ url, model: offline.id }, 'sk-1', 'engine-key').key).toBe('engine-key');
    expect(choose({ url, model: offline.id }, 'sk-1').key).toBeUndefined();
    expect(choose({ url }, 'sk-1', 'engine-key').key).toBe('sk-1');
  });

  it('is the cloud model where there is a key, and its label says where speech goes', () => {
    expect(choose({}, ' sk-1 ')).toEqual({
      model: qwen3,
      url: qwen3.url,
      key: 'sk-1',
      view: {
        model: qwen3.id,
        kind: 'cloud',
        label: 'qwen3-livetranslate-flash-realtime · speech goes to dashscope-intl.aliyuncs.com',
      },
    });
  });

  it('is the embedded engine where the key is empty', () => {
    expect(choose({}, '  ').url).toBeUndefined();
  });

  it('is the configured host, with the key', () => {
    const choice = choose({ url: 'wss://dashscope.aliyuncs.com/api-ws/v1/realtime' }, 'sk-1');
    expect(choice).toMatchObject({ url: 'wss://dashscope.aliyuncs.com/api-ws/v1/realtime', key: 'sk-1' });
    expect(choice.view.label).toContain('speech goes to dashscope.aliyuncs.com');
  });

  it('may be an offline engine on another computer, whose label says that speech goes there', () => {
    const choice = choose({ url: 'ws://10.0.0.7:4000/api-ws/v1/realtime' });
    expect(choice.model).toBe(offline);
    expect(choice.view.label).toBe('Offline engine · rough translation · speech goes to 10.0.0.7:4000');
  });

  it.each(['ws://127.0.0.1:4000', 'ws://localhost:4000/x', 'ws://[::1]:4000'])(
    'says that nothing leaves this computer where the engine is at %s',
    (url) => {
      expect(choose({ url }).view.label).toContain('nothing leaves this computer');
    },
  );

  it('does not take a host for this computer because its name begins like it', () => {
    expect(choose({ url: 'ws://127.0.0.1.example.com' }).view.label).toContain('127.0.0.1.example.com');
    expect(choose({ url: 'ws://localhost.example.com' }).view.label).toContain('localhost.example.com');
  });

  it('hands no key to the offline engine', () => {
    expect(choose({ model: 'booth-offline' }, 'sk-1')).not.toHaveProperty('key');
    expect(choose({ model: 'booth-offline', url: 'ws://10.0.0.7' }, 'sk-1')).not.toHaveProperty('key');
  });

  it('is a wrong setting where the model needs a key and there is none', () => {
    expect(() => choose({ model: qwen3.id })).toThrow(ConfigError);
    expect(() => choose({ model: qwen3.id })).toThrow(/DASHSCOPE_API_KEY/);
  });
});

describe('the languages of a model', () => {
  it('are accepted where the model supports them, regions included', () => {
    for (const [model, from, to] of [
      [offline, 'en', 'es'],
      [offline, 'en', 'en'],
      [offline, 'en-GB', 'es-MX'],
      [qwen3, 'ar', 'pt-BR'],
      [qwen3, 'fr', 'fr'],
    ] as const) {
      expect(() => checkLanguages(model, from, to)).not.toThrow();
    }
  });

  it('are refused where the model does not support them, with those that it supports', () => {
    expect(() => checkLanguages(offline, 'de', 'es')).toThrow(
      /does not understand "de". It understands: en\..*DASHSCOPE/,
    );
    expect(() => checkLanguages(offline, 'en', 'de')).toThrow(/does not translate "en" into "de".* into: en, es\./);
    expect(() => checkLanguages(modelNamed('other'), 'xx', 'en')).toThrow(/does not understand "xx"/);
  });
});

describe('the data folder', () => {
  it('is the configured one, else where XDG keeps data, else below the home folder', () => {
    const environment = { HOME: '/home/ana', XDG_DATA_HOME: '/data' };
    expect(dataDirFor({ dataDir: '/srv/booth' }, environment)).toBe('/srv/booth');
    expect(dataDirFor({ dataDir: '' }, environment)).toBe('/data/booth');
    expect(dataDirFor({ dataDir: '' }, { HOME: '/home/ana', XDG_DATA_HOME: 'relative' })).toBe(
      '/home/ana/.local/share/booth',
    );
    expect(dataDirFor({ dataDir: '' }, { HOME: '/home/ana' })).toBe('/home/ana/.local/share/booth');
  });
});

describe('a translation service named on the command line', () => {
  it('comes before the configured one', () => {
    const { config } = withTranslationService(
      readSettings({ BOOTH_LIVETRANSLATE_URL: 'ws://a', BOOTH_LIVETRANSLATE_MODEL: 'm' }),
      {
        url: 'ws://b',
        model: undefined,
      },
    );
    expect(config.livetranslate).toMatchObject({ url: 'ws://b', model: 'm', connectionsPerMinute: 8 });
  });

  it('has to have a WebSocket URL', () => {
    for (const url of ['http://b', 'b', 'ws://:::']) {
      expect(() => withTranslationService(readSettings({}), { url, model: undefined })).toThrow(/^--url/);
    }
  });
});
