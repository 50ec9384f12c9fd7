/** What the simulated vendor makes of speech: where utterances end, how text grows, what is said, and what it costs. */

import { describe, expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../../../audio/sample-rates.ts';
import { wordsInSound } from '../../../../engine/scripted/tone-decoder.ts';
import { tonesFor, wordsInText } from '../../../../engine/scripted/tone-words.ts';
import { wordAudio } from '../../../../engine/scripted/word-audio.ts';
import { LT3, LT35, LT38, type SimulatedClient, Vendor } from '../../../support/simulated-client.ts';

const models = [LT3, LT35, LT38];
const said = (client: SimulatedClient): string[][] => client.translations.map((text) => wordsInText(String(text)));
const spoken = (client: SimulatedClient): string[] => wordsInSound(client.voice, { rate: VOICE_SAMPLE_RATE });
/** A human voice, for the simulator's purposes. */
const voice = (ms: number, word = 'a'): Int16Array => wordAudio(word, ms * 1.5).subarray(0, ms * 16);
const SOURCE = 'conversation.item.input_audio_transcription';

describe.each(models)('%s', (model) => {
  it('transcribes, translates and says every word that it heard, once and in order', () => {
    const client = new Vendor().session(model).utters('k01', 'k02', 'k03').utters('k10', 'k11');
    expect(client.transcripts).toEqual(['k01 k02 k03.', 'k10 k11.']);
    expect(client.translations).toEqual(['es:k01 es:k02 es:k03.', 'es:k10 es:k11.']);
    expect(spoken(client)).toEqual(['k01', 'k02', 'k03', 'k10', 'k11']);
  });

  it('says text alone where that is wanted', () => {
    const client = new Vendor().session(model, { audio: false }).utters('k01', 'k02');
    expect(said(client)).toEqual([['k01', 'k02']]);
    expect(client.of('response.text.done')).toHaveLength(1);
    expect(client.voice).toHaveLength(0);
  });

  it('finishes what was being said', () => {
    const vendor = new Vendor();
    const client = vendor.session(model).speaks('k01', 'k02', 'k03').says({ type: 'session.finish' });
    vendor.clock.advance(5000);
    expect(said(client)).toEqual([['k01', 'k02', 'k03']]);
    expect(client.types.at(-1)).toBe('session.finished');
  });

  it('finishes a word that still sounds', () => {
    const vendor = new Vendor();
    const client = vendor.session(model).hears(tonesFor(['k01', 'k02']).subarray(0, -800));
    client.says({ type: 'session.finish' });
    vendor.clock.advance(5000);
    expect(said(client)).toEqual([['k01', 'k02']]);
  });

  it('finishes at once where nothing was said', () => {
    const client = new Vendor().session(model).says({ type: 'session.finish' });
    expect(client.types).toEqual(['session.created', 'session.updated', 'session.finished']);
  });

  it('has a way of its own to write a language', () => {
    const [chinese] = new Vendor().session(model, { target: 'zh' }).utters('k01', 'k02').translations;
    expect(chinese).toBe('zh:k01zh:k02。');
  });

  it('keeps to the terms that it was given', () => {
    const translation = { language: 'es', corpus: { phrases: { k02: 'cabina' } } };
    const client = new Vendor().session(model, { translation }).utters('k01', 'k02');
    expect(client.translations).toEqual(['es:k01 cabina.']);
  });
});

describe('the order of frames', () => {
  const repeatedOnce = (types: string[]): string[] => types.filter((type, i) => type !== types[i - 1]);
  const RESPONSE = ['response.created', 'response.output_item.added', 'response.content_part.added'];
  const ITEM = ['response.content_part.done', 'response.output_item.done'];

  it('is that of the guide on LT3, without words on speech and pairing', () => {
    const client = new Vendor({ script: { answer: { msPerWord: 60 } } }).session(LT3).utters('k01');
    expect(client.types).toEqual([
      'session.created',
      'session.updated',
      `${SOURCE}.text`,
      `${SOURCE}.completed`,
      ...RESPONSE,
      'response.audio_transcript.text',
      'response.audio.delta',
      'response.audio_transcript.done',
      'response.audio.done',
      ...ITEM,
      'response.done',
    ]);
  });

  it('tells of speech and pairs source and translation on LT3.5', () => {
    const client = new Vendor().session(LT35, { audio: false }).utters('k01', 'k02');
    expect(repeatedOnce(client.types).slice(2)).toEqual([
      'input_audio_buffer.speech_started',
      `${SOURCE}.text`,
      'input_audio_buffer.speech_stopped',
      `${SOURCE}.completed`,
      'conversation.item.created',
      ...RESPONSE,
      'response.text.text',
      'response.text.done',
      ...ITEM,
      'response.done',
    ]);
    const [created] = client.of('conversation.item.created');
    expect(created?.previous_item_id).toBe(client.of(`${SOURCE}.completed`)[0]?.item_id);
  });

  it('is the one that was measured on LT3.8: the translation is there before speech has stopped', () => {
    const client = new Vendor().session(LT38, { audio: false }).utters('k01', 'k02', 'k03', 'k04');
    expect(repeatedOnce(client.types).slice(2)).toEqual([
      'input_audio_buffer.speech_started',
      'conversation.item.created',
      ...RESPONSE,
      'response.text.delta',
      'response.text.done',
      ...ITEM,
      'input_audio_buffer.speech_stopped',
      `${SOURCE}.delta`,
      `${SOURCE}.completed`,
      'response.done',
    ]);
  });

  it('has every response begin and end by itself, one after another', () => {
    const client = new Vendor().session(LT38);
    for (let i = 0; i < 6; i++) client.speaks('k01', 'k02', 'k03').pauses(850);
    client.pauses(5000);
    const edges = client.of('response.created', 'response.done').map(({ type }) => type);
    expect(edges).toEqual(Array.from({ length: 6 }, () => ['response.created', 'response.done']).flat());
  });
});

describe('text while it is being said', () => {
  const words = ['k01', 'k02', 'k03', 'k04', 'k05', 'k06'];

  it('grows: what is confirmed stays, what is tentative may become something else', () => {
    const client = new Vendor({ script: { answer: { revises: 0.5 } } }).session(LT3).utters(...words);
    const source = client.of(`${SOURCE}.text`);
    const stable = source.map(({ text }) => String(text));
    expect(stable.at(-1)).toBe('k01 k02 k03 k04');
    for (const text of stable) expect('k01 k02 k03 k04 k05 k06').toContain(text);
    const shown = source.map(({ text, stash }) => `${text}${stash}`);
    expect(shown.some((text) => !words.join(' ').startsWith(text))).toBe(true);
    expect(client.transcripts).toEqual(['k01 k02 k03 k04 k05 k06.']);
  });

  it('may stay tentative to its end', () => {
    const client = new Vendor({ script: { answer: { holdsBack: 1 } } }).session(LT3).utters(...words);
    expect(new Set(client.of(`${SOURCE}.text`).map(({ text }) => text))).toEqual(new Set(['']));
    expect(new Set(client.of('response.audio_transcript.text').map(({ text }) => text))).toEqual(new Set(['']));
    expect(said(client)).toEqual([words]);
  });

  it.each([
    ['response.audio_transcript', 'translations'],
    [SOURCE, 'transcripts'],
  ] as const)('is only added to on LT3.8: %s', (event, finals) => {
    const client = new Vendor({ script: { answer: { revises: 1, holdsBack: 1 } } }).session(LT38).utters(...words);
    const added = client.of(`${event}.delta`).map(({ delta }) => delta);
    expect(added.length).toBeGreaterThan(3);
    expect([added.join('')]).toEqual(client[finals]);
  });

  it('is translated after speech on LT3, and meanwhile on LT3.8', () => {
    const begun = (model: string): boolean =>
      new Vendor()
        .session(model)
        .speaks(...words, ...words)
        .types.includes('response.created');
    expect([LT3, LT35, LT38].map(begun)).toEqual([false, false, true]);
  });
});

describe('the end of an utterance', () => {
  it('is silence in the audio', () => {
    const client = new Vendor().session().speaks('k01', 'k02').pauses(700);
    expect(client.transcripts).toEqual([]);
    expect(client.pauses(100).transcripts).toEqual(['k01 k02.']);
  });

  it('does not come while nothing is sent', () => {
    const vendor = new Vendor();
    const client = vendor.session().speaks('k01', 'k02');
    vendor.clock.advance(60_000);
    expect(client.transcripts).toEqual([]);
    expect(client.pauses(900).transcripts).toEqual(['k01 k02.']);
  });

  it('comes after as much silence as the script or the client says', () => {
    const slow = new Vendor({ script: { speech: { closeAfterMs: 2000 } } }).session().speaks('k01').pauses(1800);
    expect(slow.transcripts).toEqual([]);
    expect(slow.pauses(300).transcripts).toHaveLength(1);
    const asked = new Vendor().session(LT35, { turn_detection: { type: 'server_vad', silence_duration_ms: 300 } });
    expect(asked.speaks('k01').pauses(300).transcripts).toHaveLength(1);
  });

  it('comes between two words of speech that does not pause, and no word is lost', () => {
    const words = Array.from({ length: 40 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    const client = new Vendor({ script: { speech: { longAfterMs: 3000 } } }).session().utters(...words);
    client.pauses(6000);
    expect(said(client).length).toBeGreaterThan(3);
    expect(said(client).flat()).toEqual(words);
    expect(spoken(client)).toEqual(words);
  });

  it('is where a client of LT3.5 says, if it wants to say', () => {
    const vendor = new Vendor();
    const client = vendor.session(LT35, { turn_detection: null }).speaks('k01', 'k02').pauses(3000);
    expect(client.types).toEqual(['session.created', 'session.updated']);
    client.says({ type: 'input_audio_buffer.clear' }).speaks('k03').pauses(1500).speaks('k04');
    client.says({ type: 'input_audio_buffer.commit' });
    vendor.clock.advance(3000);
    expect(client.types.slice(2, 5)).toEqual([
      'input_audio_buffer.cleared',
      'input_audio_buffer.committed',
      'conversation.item.created',
    ]);
    expect(said(client)).toEqual([['k03', 'k04']]);
    expect(client.says({ type: 'input_audio_buffer.commit' }).errors).toHaveLength(1);
  });
});

it('answers what was committed before it finishes', () => {
  const vendor = new Vendor();
  const client = vendor.session(LT35, { turn_detection: null }).speaks('k01', 'k02');
  client.says({ type: 'input_audio_buffer.commit' }, { type: 'session.finish' });
  vendor.clock.advance(3000);
  expect(said(client)).toEqual([['k01', 'k02']]);
  expect(client.types.at(-1)).toBe('session.finished');
});

describe('a voice that says no word of the vocabulary', () => {
  const utterances = [
    { source: 'good morning everyone', translations: { es: 'buenos días a todos' } },
    { source: 'let us begin' },
  ];

  it('says what the script says, in its order', () => {
    const client = new Vendor({ script: { utterances } }).session();
    client.hears(voice(2000)).pauses(3000).hears(voice(1000, 'e')).pauses(3000);
    expect(client.transcripts).toEqual(['good morning everyone.', 'let us begin.']);
    expect(client.translations).toEqual(['buenos días a todos.', 'es:let es:us es:begin.']);
    expect(client.voice.length / VOICE_SAMPLE_RATE).toBeCloseTo(7 * 0.3, 1);
  });

  it('says the same on every session that hears it', () => {
    const vendor = new Vendor({ script: { utterances } });
    const [first, second] = [vendor.session(), vendor.session(LT3, { target: 'fr' })];
    first.hears(voice(1000));
    second.hears(voice(1000));
    expect([first.pauses(), second.pauses()].map(({ transcripts }) => transcripts)).toEqual([
      ['good morning everyone.'],
      ['good morning everyone.'],
    ]);
  });

  it('goes on with what comes next in the script when it goes on without a pause', () => {
    const vendor = new Vendor({ script: { speech: { longAfterMs: 2000 }, utterances, paraphrases: false } });
    const heard = [vendor.session(), vendor.session()].map((client) => client.hears(voice(3000)).pauses().transcripts);
    expect(heard).toEqual(Array(2).fill(['good morning everyone.', 'let us begin.']));
  });

  it('says more the longer it lasts, where the script has nothing', () => {
    const words = (ms: number): number => {
      const client = new Vendor().session().hears(voice(ms)).pauses();
      return String(client.transcripts[0]).split(' ').length;
    };
    expect(words(8000)).toBeGreaterThan(words(2000) * 3);
  });

  it('is none when it is a click', () => {
    expect(new Vendor().session().hears(voice(60)).pauses().types).toEqual(['session.created', 'session.updated']);
  });
});

describe('speech that comes again on another session', () => {
  const words = ['k01', 'k02', 'k03', 'k04', 'k05', 'k06', 'k07', 'k08'];
  const replayed = (seed: number, script = {}): SimulatedClient => {
    const vendor = new Vendor({ seed, script });
    vendor.session().utters(...words);
    const other = vendor.session().utters(...words);
    return other.pauses(3000);
  };

  it('is said in other words, or cut elsewhere, and every word is still there once', () => {
    const plain = `${words.map((word) => `es:${word}`).join(' ')}.`;
    const seeds = Array.from({ length: 12 }, (_, seed) => replayed(seed));
    for (const client of seeds) {
      expect(client.translations).not.toEqual([plain]);
      expect(said(client).flat().toSorted()).toEqual(words);
      expect(spoken(client).toSorted()).toEqual(words);
    }
    expect(new Set(seeds.map(({ translations }) => translations.join('|'))).size).toBeGreaterThan(6);
    expect(new Set(seeds.map(({ translations }) => translations.length)).size).toBeGreaterThan(1);
  });

  it('is said in the same words where the script says so', () => {
    expect(replayed(1, { paraphrases: false }).transcripts).toEqual([`${words.join(' ')}.`]);
  });

  it('is new speech on the same session, and for another language', () => {
    const vendor = new Vendor();
    const client = vendor
      .session()
      .utters(...words)
      .utters(...words);
    const other = vendor.session(LT3, { target: 'fr' }).utters(...words);
    expect([...client.transcripts, ...other.transcripts]).toEqual(Array(3).fill(`${words.join(' ')}.`));
  });

  it('is not what only begins with the same word', () => {
    const vendor = new Vendor({ script: { utterances: [{ source: 'good morning' }] } });
    vendor.session().utters('k01', 'k02', 'k03');
    const other = vendor.session().utters('k01', 'k05', 'k06').hears(voice(1000)).pauses();
    expect(other.transcripts).toEqual(['k01 k05 k06.', 'good morning.']);
  });

  it('is known when it is cut short, and when it is a voice', () => {
    const vendor = new Vendor();
    vendor.session().utters('k01', 'k02').hears(voice(1000)).pauses();
    const other = vendor.session().utters('k01', 'k02').hears(voice(1000)).pauses();
    expect(other.types).toContain('response.done');
    const [, again] = vendor.simulator.stats().connections;
    expect(again?.utterances.map(({ replay }) => replay)).toEqual([true, true]);
  });

  it('keeps what it confirmed', () => {
    for (let seed = 0; seed < 12; seed++) {
      const client = replayed(seed, { answer: { revises: 0.5 } });
      const finals = new Map(
        client.of('response.audio_transcript.done').map((done) => [done.item_id, done.transcript]),
      );
      for (const { item_id, text } of client.of('response.audio_transcript.text')) {
        expect(String(finals.get(item_id)).startsWith(String(text))).toBe(true);
      }
    }
  });
});

describe('what it costs', () => {
  it.each([
    [LT3, 12.5],
    [LT35, 7],
    [LT38, 7],
  ])('is told by the rates of %s', (model, rate) => {
    const client = new Vendor().session(model).utters('k01', 'k02', 'k03', 'k04', 'k05');
    const usage = client.responses[0]?.usage;
    expect(usage?.output_tokens_details.audio_tokens).toBe(Math.ceil(5 * 0.3 * 12.5));
    expect(usage?.input_tokens_details.audio_tokens).toBeGreaterThanOrEqual(Math.ceil(2.3 * rate));
    expect(usage?.input_tokens_details.audio_tokens).toBeLessThanOrEqual(Math.ceil(2.5 * rate));
  });
});

describe('the voice that comes back', () => {
  it('comes in bursts, faster than it is said', () => {
    const vendor = new Vendor({ script: { answer: { msPerWord: 500, pace: 5, latencyMs: 0 } } });
    const client = vendor.session().speaks('k01', 'k02', 'k03', 'k04').pauses(800);
    vendor.clock.advance(220);
    expect(client.voice.length / VOICE_SAMPLE_RATE).toBe(2);
    expect(client.types).not.toContain('response.done');
    vendor.clock.advance(100);
    expect(client.types).toContain('response.done');
  });
});

it('does the same again for the same seed, and something else for another', () => {
  const frames = (seed: number): string[] => {
    const vendor = new Vendor({ seed, script: { answer: { revises: 0.5, holdsBack: 0.5 } } });
    return ['k01', 'k05', 'k09'].flatMap((word) => vendor.session().utters(word, 'k10', 'k11', 'k12').texts);
  };
  expect(frames(7)).toEqual(frames(7));
  expect(frames(7)).not.toEqual(frames(8));
});

it('has no timer left when everybody has gone', () => {
  const vendor = new Vendor();
  for (const model of models) {
    const client = vendor.session(model).speaks('k01', 'k02').pauses(850);
    client.leaves();
  }
  expect(vendor.clock.pending).toBe(0);
});
