import { pino } from 'pino';
import { expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { update } from '../../../../bench/support/scripted-backend.ts';
import { simulatedDial } from '../../../../bench/support/simulated-service.ts';
import { LiveTranslateClient } from '../../../../bot/session/livetranslate/client.ts';
import { settingsFor } from '../../../../bot/session/livetranslate/settings.ts';
import { qwen3 } from '../../../../config/models.ts';
import type { ScriptInput } from '../../../../engine/scripted/script.ts';
import { Simulator } from '../../../../engine/scripted/simulator.ts';
import { wordsInSound } from '../../../../engine/scripted/tone-decoder.ts';
import { tonesFor, wordsInText } from '../../../../engine/scripted/tone-words.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { type Recorded, recorder } from '../../../support/livetranslate.ts';

function meeting(script: ScriptInput = {}, key?: string) {
  const clock = new FakeClock();
  const simulator = new Simulator({ clock, seed: 1, script });
  const connect = () => {
    const { events, recorded } = recorder();
    const client = new LiveTranslateClient({
      model: qwen3,
      settings: settingsFor(qwen3, { source: 'en', target: 'es', audio: true }),
      events,
      endpoint: { host: 'simulated' },
      dial: simulatedDial(simulator, { model: qwen3.id, clock, ...(key !== undefined && { key }) }),
      clock,
      log: pino({ level: 'silent' }),
    });
    return { client, recorded };
  };
  return { clock, simulator, connect };
}

/** Why the session ended, as the client understood it. */
function endingOf(recorded: Recorded[]): string[] {
  return recorded.flatMap(([name, what]) =>
    name === 'closed' ? [what ? `${what.class} ${what.code}` : 'asked for'] : [],
  );
}

it.each<[string, ScriptInput, string]>([
  ['a wrong key', { account: { keys: ['sk-right'] } }, 'account InvalidApiKey'],
  ['a refusal', { faults: [{ on: { connection: 1 }, do: 'refuse' }] }, 'transient ModelUnavailable'],
  ['a cut', { faults: [{ on: { connection: 1, afterMs: 500 }, do: 'cut' }] }, 'transient close_1006'],
  ['an error', { faults: [{ on: { connection: 1, afterMs: 500 }, do: 'repeatOutput' }] }, 'transient COMMON_ERROR'],
])('tells the client of the bot of %s', (_, script, ending) => {
  const { clock, connect } = meeting(script, 'sk-wrong');
  const { recorded } = connect();
  clock.advance(5000);
  expect(endingOf(recorded)).toEqual([ending]);
  expect(clock.pending).toBe(0);
});

it('turns the eleventh client in a minute away', () => {
  const { clock, connect } = meeting();
  const clients = Array.from({ length: 11 }, connect);
  clock.advance(100);
  expect(clients.map(({ recorded }) => endingOf(recorded).length)).toEqual([...Array<number>(10).fill(0), 1]);
  expect(endingOf(clients[10]?.recorded ?? [])).toEqual(['throttle close_1007']);
});

it('leaves a client to end by itself what it never closes', () => {
  const { clock, simulator, connect } = meeting({ faults: [{ on: { connection: 1 }, do: 'ignoreClose' }] });
  const { client } = connect();
  clock.advance(500);
  client.close();
  clock.advance(1900);
  expect(simulator.stats().connections[0]?.ended).toBeUndefined();
  clock.advance(200);
  expect(simulator.stats().connections[0]?.ended).toMatchObject({ by: 'client' });
  expect(clock.pending).toBe(0);
});

it('delivers what both sides say in later turns, in order', () => {
  const clock = new FakeClock();
  const simulator = new Simulator({ clock });
  const told: string[] = [];
  const wire = simulatedDial(simulator, { model: qwen3.id, clock, delayMs: 50 })({
    opened: () => told.push(`${clock.now()} opened`),
    received: (text) => told.push(`${clock.now()} ${(JSON.parse(text) as { type: string }).type}`),
    receivedBinary: () => {},
    drained: () => {},
    ended: ({ type }) => told.push(`${clock.now()} ${type}`),
  });
  clock.advance(200);
  wire.send(JSON.stringify(update()));
  wire.send(JSON.stringify({ type: 'session.finish' }));
  expect(told).toEqual(['100 opened', '100 session.created']);
  clock.advance(200);
  wire.close();
  clock.advance(200);
  expect(told.slice(2)).toEqual(['300 session.updated', '300 session.finished', '500 closed']);
});

it('serves the client of the bot in fake time, from the connection to its end', () => {
  const { clock, simulator, connect } = meeting();
  const { client, recorded } = connect();
  const words = ['k01', 'k02', 'k03', 'k04', 'k05', 'k06'];
  const speech = Int16Array.of(...tonesFor(words), ...new Int16Array(32_000));
  for (let at = 0; at < speech.length; at += 1600) {
    client.send(speech.subarray(at, at + 1600));
    clock.advance(100);
  }
  client.finish();
  clock.advance(5000);

  const finals = recorded.flatMap((entry) =>
    entry[0] === 'translation' && entry[1].final ? [entry[1].confirmed] : [],
  );
  expect(finals.map(wordsInText)).toEqual([words]);
  const voice = recorded.flatMap((entry) => (entry[0] === 'audio' ? entry[1].samples : []));
  expect(wordsInSound(Int16Array.from(voice), { rate: VOICE_SAMPLE_RATE })).toEqual(words);
  expect(recorded.at(-1)).toEqual(['closed', undefined]);
  expect(simulator.stats().connections).toMatchObject([{ utterances: [{ words }], ended: { by: 'client' } }]);
  expect(clock.pending).toBe(0);
});
