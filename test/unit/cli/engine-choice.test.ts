import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../cli/engine-choice.ts';
import { checkPair, languageCode } from '../../../cli/pairs.ts';
import { dataDirFor, readSettings, withService } from '../../../cli/settings.ts';
import { modelNamed, offline, qwen3 } from '../../../config/models.ts';
import { ConfigError } from '../../../config/schema.ts';

const choose = (livetranslate: { url?: string; model?: string }, key?: string) =>
  chooseEngine(
    { livetranslate: { ...readSettings({}).config.livetranslate, ...livetranslate } },
    { DASHSCOPE_API_KEY: key },
  );

describe('the translation service', () => {
  it('is the embedded engine where nothing is set', () => {
    expect(choose({})).toEqual({
      model: offline,
      view: {
        model: 'booth-offline',
        kind: 'offline',
        label: 'Offline engine · rough translation · nothing leaves this computer',
      },
    });
  });

  it('is the cloud model where there is a key, and says where speech goes', () => {
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

  it('is the host that was named, with the key', () => {
    const choice = choose({ url: 'wss://dashscope.aliyuncs.com/api-ws/v1/realtime' }, 'sk-1');
    expect(choice).toMatchObject({ url: 'wss://dashscope.aliyuncs.com/api-ws/v1/realtime', key: 'sk-1' });
    expect(choice.view.label).toContain('speech goes to dashscope.aliyuncs.com');
  });

  it('is an engine elsewhere that needs no key, and says that speech goes there', () => {
    const choice = choose({ url: 'ws://10.0.0.7:4000/api-ws/v1/realtime' });
    expect(choice.model).toBe(offline);
    expect(choice.view.label).toBe('Offline engine · rough translation · speech goes to 10.0.0.7:4000');
  });

  it.each(['ws://127.0.0.1:4000', 'ws://localhost:4000/x', 'ws://[::1]:4000'])('at %s is this computer', (url) => {
    expect(choose({ url }).view.label).toContain('nothing leaves this computer');
  });

  it('at a host that only looks like this computer is another one', () => {
    expect(choose({ url: 'ws://127.0.0.1.example.com' }).view.label).toContain('127.0.0.1.example.com');
    expect(choose({ url: 'ws://localhost.example.com' }).view.label).toContain('localhost.example.com');
  });

  it('never gets a key that it has no use for', () => {
    expect(choose({ model: 'booth-offline' }, 'sk-1')).not.toHaveProperty('key');
    expect(choose({ model: 'booth-offline', url: 'ws://10.0.0.7' }, 'sk-1')).not.toHaveProperty('key');
  });

  it('that needs a key and has none is a wrong setting', () => {
    expect(() => choose({ model: qwen3.id })).toThrow(ConfigError);
    expect(() => choose({ model: qwen3.id })).toThrow(/DASHSCOPE_API_KEY/);
  });
});

describe('a pair of languages', () => {
  it('is taken where the model can do it', () => {
    for (const [model, from, to] of [
      [offline, 'en', 'es'],
      [offline, 'en', 'en'],
      [offline, 'en-GB', 'es-MX'],
      [qwen3, 'ar', 'pt-BR'],
      [qwen3, 'fr', 'fr'],
    ] as const) {
      expect(() => checkPair(model, from, to)).not.toThrow();
    }
  });

  it('that the model cannot do is refused with what it can', () => {
    expect(() => checkPair(offline, 'de', 'es')).toThrow(/does not understand "de". It understands: en\..*DASHSCOPE/);
    expect(() => checkPair(offline, 'en', 'de')).toThrow(/does not translate "en" into "de".* into: en, es\./);
    expect(() => checkPair(modelNamed('other'), 'xx', 'en')).toThrow(/does not understand "xx"/);
  });

  it('that is none is refused with what one looks like', () => {
    expect(languageCode('--from', 'yue')).toBe('yue');
    for (const text of ['English', '', 'EN', 'e', '../x']) {
      expect(() => languageCode('--from', text)).toThrow(/^--from .* is not a language/);
    }
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

describe('a service named on the command line', () => {
  it('comes before the configured one', () => {
    const { config } = withService(
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
      expect(() => withService(readSettings({}), { url, model: undefined })).toThrow(/^--url/);
    }
  });
});
