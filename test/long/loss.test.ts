/** Bad networks in front of the real recogniser: what a sentence loses on the way there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_KEY, EngineClient } from '../../bench/support/engine-client.ts';
import { update } from '../../bench/support/scripted-backend.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { wordErrors } from '../../bench/support/wer.ts';
import { startOfflineEngine } from '../../engine/offline/engine.ts';
import type { EngineServer } from '../../engine/wire/serve.ts';
import { engineParts, speechDir } from '../../scripts/places.mjs';
import { type Network, overNetwork } from '../support/network.ts';

const prompts = [
  'conf-now-recording',
  'conf-leaderhasleft',
  'confbridge-pin-bad',
  'confbridge-only-one',
  'feature-not-avail-line',
  'auth-incorrect',
  'vm-sorry',
  'demo-nogo',
  'pbx-invalidpark',
  'queue-youarenext',
  'agent-user',
  'demo-thanks',
];

describe('the offline engine behind a network that loses a tenth and reorders a twentieth', () => {
  const path = join(speechDir(process.env), 'transcript.json');
  const said = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  let engine: EngineServer;
  beforeAll(async () => {
    const log = pino({ level: 'silent' });
    const place = { host: '127.0.0.1', port: 0, key: ENGINE_KEY };
    engine = await startOfflineEngine({ ...place, components: engineParts(process.env), log });
  });
  afterAll(() => engine?.close());

  const errorRate = async (network: Omit<Network, 'seed'>): Promise<number> => {
    let [errors, words] = [0, 0];
    for (const [seed, name] of prompts.entries()) {
      const { samples, sampleRate } = humanSpeech(name);
      const received = await overNetwork(samples, sampleRate, { ...network, seed: seed + 1 });
      const client = await new EngineClient(engine.url).opened();
      client.says(update({ translation: { language: 'en' } })).speaks(received.samples);
      await client.finished();
      client.close();
      const found = wordErrors(said[name] ?? '', client.transcript);
      errors += found.errors;
      words += found.words;
    }
    return errors / words;
  };

  it('mishears at most 5 words of a hundred more than without loss', async () => {
    const good = await errorRate({ lost: 0, reordered: 0 });
    const bad = await errorRate({ lost: 0.1, reordered: 0.05 });
    console.log(`word error rate: ${good.toFixed(3)} without loss, ${bad.toFixed(3)} with`);
    expect(good).toBeLessThan(0.25);
    expect(bad - good).toBeLessThanOrEqual(0.05);
  });
});
