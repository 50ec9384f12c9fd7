import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { qwen3 } from '../../../../config/models.ts';
import { readScript, ScriptError, ScriptedFault } from '../../../../engine/scripted/script.ts';
import { Simulator } from '../../../../engine/scripted/simulator.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';

describe('a script', () => {
  it('may be empty', () => {
    expect(readScript('')).toMatchObject({ language: 'en', speech: { closeAfterMs: 800 }, faults: [] });
  });

  it('is YAML', () => {
    const script = readScript(`
      # A bad day.
      speech: { closeAfterMs: 500 }
      utterances:
        - source: good morning
          translations: { es: buenos días }
      faults:
        - { on: { connection: { every: 3 }, betweenMs: [1000, 5000] }, do: cut, times: 2 }
        - { on: { utterance: 4 }, do: hiccup }
    `);
    expect(script.utterances).toEqual([{ source: 'good morning', translations: { es: 'buenos días' } }]);
    expect(script.faults).toEqual([
      { on: { connection: { every: 3 }, betweenMs: [1000, 5000] }, do: 'cut', times: 2 },
      { on: { utterance: 4 }, do: 'hiccup', ms: 3000 },
    ]);
  });

  it.each([
    ['{', /^this is not YAML: /],
    ['[]', /expected object/],
    ['speach: {}', /Unrecognized key: "speach"/],
    ['speech: { closeAfter: 1 }', /^speech: Unrecognized key: "closeAfter"/],
    ['speech: { closeAfterMs: soon }', /^speech\.closeAfterMs: /],
    ['language: English', /^language: a language is a code/],
    ['utterances: [{ source: "" }]', /^utterances\[0\]\.source: /],
    ['faults: [{ do: cut }]', /^faults\[0\]\.on: /],
    ['faults: [{ on: {}, do: cut }]', /^faults\[0\]\.on: needs a connection, an utterance, or both$/],
    ['faults: [{ on: { connection: 0 }, do: cut }]', /^faults\[0\]\.on\.connection: Too small/],
    ['faults: [{ on: { connection: first }, do: cut }]', /^faults\[0\]\.on\.connection: needs a number from 1/],
    ['faults: [{ on: { connection: 1 }, do: fly }]', /^faults\[0\]\.do: .*'cut'/],
    ['faults: [{ on: { connection: 1 }, do: refuse, status: 200 }]', /^faults\[0\]\.status: /],
    ['faults: [{ on: { utterance: 1 }, do: refuse }]', /^faults\[0\]\.on: /],
    [
      'faults: [{ on: { connection: 1, afterMs: 1, betweenMs: [1, 2] }, do: cut }]',
      /^faults\[0\]\.on\.betweenMs: has either/,
    ],
    ['faults: [{ on: { connection: 1, betweenMs: [2, 1] }, do: cut }]', /^faults\[0\]\.on\.betweenMs: /],
  ])('that is wrong is told so with the field: %s', (yaml, message) => {
    expect(() => readScript(yaml)).toThrow(ScriptError);
    expect(() => readScript(yaml)).toThrow(message);
  });

  it('names everything that is wrong with it', () => {
    expect(() => readScript('seed: 1\nlimits: { inputTokens: -1 }\nfaults: 3')).toThrow(
      /limits\.inputTokens: .*\nfaults: .*\n.*"seed"/,
    );
  });

  it('is documented with its defaults and with every fault that there is', () => {
    const page = readFileSync(new URL('../../../../docs/simulator.md', import.meta.url), 'utf8');
    const documented = readScript(/```yaml\n([^`]*)```/.exec(page)?.[1] ?? '-');
    const { language, speech, answer, limits, paraphrases } = readScript('');
    expect(documented).toMatchObject({ language, speech, answer, limits, paraphrases });
    const { connectionsPerMinute, tokensPerMinute, sessionMinutes, inputTokens, contextTokens } = qwen3.limits ?? {};
    expect(documented.account).toEqual({ keys: [], connectionsPerMinute, tokensPerMinute });
    expect(documented.limits).toMatchObject({ sessionMinutes, inputTokens, contextTokens });
    const [, faults = ''] = page.split('| `do` |');
    for (const { shape } of ScriptedFault.options) {
      const names = 'options' in shape.do ? shape.do.options : [...shape.do.values];
      for (const name of names) expect(faults).toContain(`\`${name}\``);
    }
  });

  it('is checked in process, too', () => {
    const script = { answer: { pace: 0 } };
    expect(() => new Simulator({ clock: new FakeClock(), script })).toThrow(/^answer\.pace: /);
  });
});
