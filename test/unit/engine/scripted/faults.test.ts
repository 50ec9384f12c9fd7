/** How the simulated vendor fails when it is told to, and that it does so then and there alone. */

import { describe, expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import type { Frame } from '../../../../bench/support/scripted-backend.ts';
import type { ScriptedFault } from '../../../../engine/scripted/script.ts';
import { wordsInSound } from '../../../../engine/scripted/tone-decoder.ts';
import { wordsInText } from '../../../../engine/scripted/tone-words.ts';
import { LT3, LT35, LT38, type SimulatedClient, Vendor } from '../../../support/simulated-client.ts';

const models = [LT3, LT35, LT38];
type FaultInput = Partial<ScriptedFault> & { do: ScriptedFault['do'] };
const failing = (...faults: object[]): Vendor => new Vendor({ script: { faults: faults as ScriptedFault[] } });
/** At the first utterance; three are said. */
const broken = (model: string, fault: FaultInput, on: object = { utterance: 1 }): SimulatedClient =>
  failing({ on, ...fault })
    .session(model)
    .utters('k01', 'k02', 'k03')
    .utters('k11', 'k12')
    .utters('k21');
const said = (client: SimulatedClient): string[][] => client.translations.map((text) => wordsInText(String(text)));
const WORDS = [['k01', 'k02', 'k03'], ['k11', 'k12'], ['k21']];
const SOURCE_DONE = 'conversation.item.input_audio_transcription.completed';
const TEXT_DONE = 'response.audio_transcript.done';

describe.each(models)('%s', (model) => {
  it('does nothing wrong when it is told nothing', () => {
    const client = broken(model, { do: 'cut' }, { utterance: 9 });
    expect(said(client)).toEqual(WORDS);
    expect([client.ended, client.errors]).toEqual([undefined, []]);
    expect(new Set(client.frames.map(({ event_id }) => event_id)).size).toBe(client.frames.length);
  });

  it('is cut without a word', () => {
    const vendor = failing({ on: { utterance: 2, afterMs: 200 }, do: 'cut' });
    const client = vendor.session(model).utters('k01').utters('k02', 'k03');
    expect(client.ended).toBe('cut');
    expect(said(client)).toEqual([['k01']]);
    expect(vendor.simulator.stats().connections).toMatchObject([
      { ended: { by: 'cut' }, utterances: [{ words: ['k01'] }, { words: ['k02'] }] },
    ]);
    expect(vendor.clock.pending).toBe(0);
  });

  it('stalls: nothing comes any more, and nothing ends', () => {
    const vendor = failing({ on: { utterance: 2, afterMs: 2050 }, do: 'stall' });
    const client = vendor.session(model).utters('k01').speaks('k02', 'k03', 'k04', 'k05', 'k06').pauses(850);
    const before = client.texts.length;
    client.says({ type: 'session.finish' });
    vendor.clock.advance(60_000);
    expect(client.ended).toBeUndefined();
    expect(said(client)).toEqual([['k01']]);
    expect(client.texts).toHaveLength(before);
    client.leaves();
    expect(vendor.clock.pending).toBe(0);
  });

  it('says half a frame, and is cut in it', () => {
    const client = failing({ on: { utterance: 1, afterMs: 200 }, do: 'halfFrame' })
      .session(model)
      .utters('k01', 'k02');
    const [last] = client.texts.splice(-1);
    expect(() => JSON.parse(last ?? '') as unknown).toThrow(SyntaxError);
    expect(last).toMatch(/^\{"event_id":"event_/);
    expect(client.ended).toBe('cut');
    expect(client.types).not.toContain('response.done');
  });

  it('says something that is no JSON, and goes on', () => {
    const client = failing({ on: { utterance: 1 }, do: 'malformedJson' })
      .session(model)
      .utters('k01', 'k02');
    const spoiled = client.texts.findIndex((text) => !text.endsWith('}'));
    expect(spoiled).toBeGreaterThan(0);
    client.texts.splice(spoiled, 1);
    expect(said(client)).toEqual([['k01', 'k02']]);
  });

  it('repeats itself: says so, and closes within seconds', () => {
    const vendor = failing({ on: { utterance: 1, afterMs: 400 }, do: 'repeatOutput' });
    const client = vendor.session(model).speaks('k01', 'k02', 'k03');
    expect(client.frames.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'COMMON_ERROR', message: 'model repeat output happened' },
    });
    expect(client.ended).toBeUndefined();
    client.pauses(1000);
    expect(client.ended).toEqual({ code: 1011, reason: 'model repeat output happened' });
    expect(client.translations).toEqual([]);
  });

  it.each([
    ['streamTimeout', { type: 'transcription_error', code: 'UNEXPECTED_ASR_ERROR', message: /504/ }],
    ['serverError', { type: 'server_error', code: 'InternalError', message: /Internal/ }],
  ] as const)('fails and closes: %s', (fault, error) => {
    const client = failing({ on: { utterance: 1 }, do: fault })
      .session(model)
      .utters('k01');
    expect(client.errors).toEqual([{ ...error, message: expect.stringMatching(error.message) }]);
    expect(client.ended).toMatchObject({ code: 1011 });
  });

  it('does not answer a close', () => {
    const client = failing({ on: { connection: 1 }, do: 'ignoreClose' })
      .session(model)
      .utters('k01');
    expect(client.answersClose).toBe(false);
    expect(said(client)).toEqual([['k01']]);
  });

  it('says nothing for three seconds, and then all of it', () => {
    const vendor = failing({ on: { utterance: 1 }, do: 'hiccup' });
    const client = vendor.session(model).speaks('k01');
    const before = client.texts.length;
    client.speaks('k02', 'k03').pauses(2000);
    expect(client.texts).toHaveLength(before);
    client.pauses(1500);
    vendor.clock.advance(3000);
    const smooth = new Vendor().session(model).speaks('k01').speaks('k02', 'k03').pauses(3500);
    expect(client.texts).toEqual(smooth.texts);
    expect(client.responses).toHaveLength(1);
  });

  it('forgets what it held back when the client leaves', () => {
    const vendor = failing({ on: { utterance: 1 }, do: 'hiccup' });
    const client = vendor.session(model).speaks('k01', 'k02');
    const before = client.texts.length;
    client.leaves();
    expect(vendor.clock.pending).toBe(0);
    vendor.clock.advance(10_000);
    expect(client.texts).toHaveLength(before);
  });

  it('ends what was said after its translation', () => {
    const client = broken(model, { do: 'lateSource' });
    const finals = client.of(SOURCE_DONE, 'response.done').map(({ type }) => type);
    expect(finals.slice(0, 2)).toEqual(['response.done', SOURCE_DONE]);
    expect(finals.slice(2)).toEqual([SOURCE_DONE, 'response.done', SOURCE_DONE, 'response.done']);
    expect(client.transcripts.map((text) => wordsInText(String(text)))).toEqual(WORDS);
  });

  it('ends texts with nothing in them, after it has shown them whole', () => {
    const client = broken(model, { do: 'emptyDone' });
    expect(said(client)).toEqual([[], ...WORDS.slice(1)]);
    expect(client.transcripts[0]).toBe('');
    const [item] = client.of(TEXT_DONE).map(({ item_id }) => item_id);
    expect(wordsInText(shownOf(client.frames, item))).toEqual(WORDS[0]);
    const [source] = client.of(SOURCE_DONE).map(({ item_id }) => item_id);
    expect(wordsInText(shownOf(client.frames, source))).toEqual(WORDS[0]);
  });

  it('answers an utterance in several responses', () => {
    const client = broken(model, { do: 'severalResponses' });
    expect(client.responses).toHaveLength(4);
    expect(said(client).flat()).toEqual(WORDS.flat());
    expect(wordsInSound(client.voice, { rate: VOICE_SAMPLE_RATE })).toEqual(WORDS.flat());
    expect(client.transcripts).toHaveLength(3);
    if (model === LT3) return;
    const [first, second] = client.of('conversation.item.created').map(({ previous_item_id }) => previous_item_id);
    expect(second).toBe(first);
  });

  it('says every event twice', () => {
    const client = broken(model, { do: 'duplicateEvents' });
    const texts = client.texts.slice(2);
    const doubled = texts.filter((text, i) => text === texts[i - 1]).length;
    expect(doubled).toBeGreaterThan(10);
    expect(new Set(client.translations).size).toBe(3);
    expect(client.translations).toHaveLength(4);
  });

  it('refuses what was said, and goes on', () => {
    const vendor = failing({ on: { utterance: 1 }, do: 'contentError' });
    const client = vendor.session(model).utters('k01', 'k02', 'k03').utters('k11', 'k12').utters('k21');
    expect(client.errors).toMatchObject([{ code: 'DataInspectionFailed' }]);
    expect(said(client)).toEqual(WORDS.slice(1));
    expect(client.transcripts).toHaveLength(2);
    expect(client.responses).toHaveLength(2);
    expect(vendor.simulator.stats().connections[0]?.violations).toEqual([]);
  });

  it('never ends an utterance', () => {
    const client = broken(model, { do: 'noFinal' });
    expect(said(client)).toEqual(WORDS.slice(1));
    expect(client.transcripts).toHaveLength(2);
    expect(client.of('response.created')).toHaveLength(3);
    expect(client.responses).toHaveLength(2);
  });
});

it('leaves stash out of translations where there is one', () => {
  const client = broken(LT3, { do: 'noStash' });
  const stashes = client.of('response.audio_transcript.text').map((frame) => 'stash' in frame);
  expect(stashes.slice(0, 3)).toEqual([false, false, false]);
  expect(stashes.slice(3)).toEqual([true, true, true]);
  expect(client.of('conversation.item.input_audio_transcription.text').every((frame) => 'stash' in frame)).toBe(true);
});

it('refuses what was said while an answer is still coming, and loses neither that nor the next', () => {
  const vendor = failing({ on: { utterance: 2 }, do: 'contentError' });
  const client = vendor.session(LT3).speaks('k01', 'k02', 'k03', 'k04', 'k05', 'k06').pauses(850);
  client.speaks('k11').pauses(850).speaks('k21').pauses(850);
  vendor.clock.advance(5000);
  client.says({ type: 'session.finish' });
  expect(said(client)).toEqual([['k01', 'k02', 'k03', 'k04', 'k05', 'k06'], ['k21']]);
  expect(client.types.at(-1)).toBe('session.finished');
});

describe('a connection', () => {
  const refused = (vendor: Vendor): unknown => vendor.simulator.connect({ model: LT3 });

  it.each([403, 404, 429, 500, 503])('is refused with %i when it is told to', (status) => {
    const vendor = failing({ on: { connection: 2 }, do: 'refuse', status, code: 'Some.Code' });
    expect(refused(vendor)).toHaveProperty('open');
    expect(refused(vendor)).toMatchObject({ status, body: { code: 'Some.Code' } });
    expect(refused(vendor)).toHaveProperty('open');
  });
});

describe('when it fails', () => {
  const ends = (vendor: Vendor, ms = 10_000): unknown[] => {
    const clients = Array.from({ length: 6 }, () => vendor.connect());
    vendor.clock.advance(ms);
    return clients.map(({ ended }) => ended);
  };
  const cut = 'cut';

  it('is at a connection', () => {
    expect(ends(failing({ on: { connection: 2 }, do: 'cut' }))).toEqual([
      undefined,
      cut,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is at every so manieth connection, as often as is said', () => {
    const all = ends(failing({ on: { connection: { every: 2 } }, do: 'cut' }));
    expect(all).toEqual([undefined, cut, undefined, cut, undefined, cut]);
    const twice = ends(failing({ on: { connection: { every: 2 } }, times: 2, do: 'cut' }));
    expect(twice).toEqual([undefined, cut, undefined, cut, undefined, undefined]);
  });

  it('is after a while', () => {
    const vendor = failing({ on: { connection: 1, afterMs: 5000 }, do: 'cut' });
    const client = vendor.connect();
    vendor.clock.advance(4999);
    expect(client.ended).toBeUndefined();
    vendor.clock.advance(1);
    expect(client.ended).toBe('cut');
  });

  it('is at a moment of chance, the same for the same seed', () => {
    const moments = (seed: number): (number | undefined)[] => {
      const faults = [
        { on: { connection: { every: 1 }, betweenMs: [1000, 9000] as [number, number] }, do: cut } as const,
      ];
      const vendor = new Vendor({ seed, script: { faults } });
      ends(vendor);
      return vendor.simulator.stats().connections.map(({ ended }) => ended?.atMs);
    };
    expect(moments(3)).toEqual(moments(3));
    expect(moments(3)).not.toEqual(moments(4));
    expect(new Set(moments(3)).size).toBe(6);
    for (const atMs of moments(3)) expect(atMs).toBeGreaterThanOrEqual(1000);
    for (const atMs of moments(3)) expect(atMs).toBeLessThanOrEqual(9000);
  });

  it('is at an utterance of all connections, or of one', () => {
    const failed = (on: object): unknown[] => {
      const vendor = failing({ on, do: 'contentError' });
      const [one, other] = [vendor.session(), vendor.session()];
      one.utters('k01');
      other.utters('k11').utters('k12').utters('k13');
      one.utters('k02');
      return [said(one), said(other)].map((words) => words.flat().join(' '));
    };
    expect(failed({ utterance: 3 })).toEqual(['k01 k02', 'k11 k13']);
    expect(failed({ connection: 2, utterance: 3 })).toEqual(['k01 k02', 'k11 k12']);
    expect(failed({ connection: { every: 1 }, utterance: 1 })).toEqual(['k02', 'k12 k13']);
    expect(failed({ utterance: { every: 2 } })).toEqual(['k01 k02', 'k12']);
    expect(failed({ connection: 2 })).toEqual(['k01 k02', '']);
  });

  it('is when a test says so', () => {
    const vendor = new Vendor();
    const clients = [vendor.session(), vendor.session(), vendor.session()];
    vendor.simulator.fail('cut', 2);
    expect(clients.map(({ ended }) => ended)).toEqual([undefined, 'cut', undefined]);
    vendor.simulator.fail({ do: 'hiccup', ms: 100 });
    vendor.simulator.fail('serverError');
    vendor.clock.advance(100);
    expect(clients.map(({ ended }) => ended)).toEqual([
      { code: 1011, reason: 'Internal server error!' },
      'cut',
      { code: 1011, reason: 'Internal server error!' },
    ]);
  });
});

/** What a client that follows the fields shows of an item at the end. */
function shownOf(frames: readonly Frame[], item: unknown): string {
  let shown = '';
  for (const { type, item_id, delta, text, stash } of frames) {
    if (item_id !== item || !/transcript(ion)?\.(text|delta)$/.test(type)) continue;
    shown = typeof delta === 'string' ? shown + delta : `${text}${stash}`;
  }
  return shown;
}
