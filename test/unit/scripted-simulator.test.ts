import { pino } from 'pino';
import { expect, it } from 'vitest';
import { LiveTranslateClient } from '../../bot/translation/livetranslate/client.ts';
import { settingsFor } from '../../bot/translation/livetranslate/settings.ts';
import { qwen3 } from '../../config/models.ts';
import { wordsInSound } from '../../engine/scripted/ear.ts';
import { Simulator } from '../../engine/scripted/simulator.ts';
import { OUTPUT_RATE, tonesFor, wordsInText } from '../../engine/scripted/words.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { recorder } from '../support/livetranslate.ts';
import { simulatedDial } from '../support/simulated-service.ts';

it('serves the client of the bot in fake time, from the connection to its end', () => {
  const clock = new FakeClock();
  const simulator = new Simulator({ clock, seed: 1 });
  const { events, recorded } = recorder();
  const client = new LiveTranslateClient({
    model: qwen3,
    settings: settingsFor(qwen3, { source: 'en', target: 'es', audio: true }),
    events,
    peer: { host: 'simulated' },
    dial: simulatedDial(simulator, { model: qwen3.id, clock }),
    clock,
    log: pino({ level: 'silent' }),
  });
  const words = ['k01', 'k02', 'k03', 'k04', 'k05', 'k06'];
  const speech = Int16Array.of(...tonesFor(words), ...new Int16Array(32_000));
  for (let at = 0; at < speech.length; at += 1600) {
    client.send(speech.subarray(at, at + 1600));
    clock.advance(100);
  }
  client.finish();
  clock.advance(5000);

  const finals = recorded.flatMap((entry) => (entry[0] === 'translation' && entry[1].final ? [entry[1].stable] : []));
  expect(finals.map(wordsInText)).toEqual([words]);
  const voice = recorded.flatMap((entry) => (entry[0] === 'audio' ? entry[1].samples : []));
  expect(wordsInSound(Int16Array.from(voice), { rate: OUTPUT_RATE })).toEqual(words);
  expect(recorded.at(-1)).toEqual(['closed', undefined]);
  expect(simulator.stats().connections).toMatchObject([{ utterances: [{ words }], ended: { by: 'client' } }]);
  expect(clock.pending).toBe(0);
});
