import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingCaption } from '../../../../bot/captions/caption-channel.ts';
import type { InterpretationEvent } from '../../../../bot/interpretation/interpretation-event.ts';
import { UtteranceAssembler } from '../../../../bot/interpretation/utterance-assembler.ts';

const speaker = { id: 'ann', name: 'Ann' };
const sound = new Int16Array(2400);

/** What people see and hear of a assembler, and a session that says what the test says. */
class Booth {
  readonly recognized: string[] = [];
  readonly originals: OutgoingCaption[] = [];
  readonly translations: OutgoingCaption[] = [];
  /** What happens to voices, in order. */
  readonly voices: string[] = [];
  /** Utterances of which some has sounded. */
  readonly sounded = new Set<string>();
  readonly assembler: UtteranceAssembler;
  #utterances = 0;
  #saidMs = 0;

  constructor({ transcriptOnly = false } = {}) {
    this.assembler = new UtteranceAssembler({
      speaker,
      source: 'en',
      target: transcriptOnly ? 'en' : 'es',
      nextUtterance: () => `u${++this.#utterances}`,
      nowMs: () => 0,
      emit: (event) => this.#receive(event),
      withdrawVoice: (id) => {
        if (this.sounded.has(id)) return false;
        this.voices.push(`${id} withdrawn`);
        return true;
      },
    });
  }

  #receive(event: InterpretationEvent): void {
    if (event.type === 'recognized') this.recognized.push(event.recognized.text);
    if (event.type === 'caption')
      (event.caption.kind === 'original' ? this.originals : this.translations).push(event.caption);
    if (event.type === 'voice') this.voices.push(`${event.utterance.id} says`);
    if (event.type === 'voiceComplete') this.voices.push(`${event.utterance} complete`);
    if (event.type === 'voiceCutShort') this.voices.push(`${event.utterance.id} cut short`);
  }

  /** Sound of so many milliseconds, in pieces of 100 ms that know when they were said. */
  hears(ms: number, voiced = true): void {
    for (let left = ms; left > 0; left -= 100) {
      this.#saidMs += 100;
      this.assembler.push({ samples: new Int16Array(1600), roomMs: this.#saidMs, voiced });
    }
  }

  /** All that waits goes to the session: how much of it, and how much of that another had heard. */
  sends(): { ms: number; againMs: number } {
    let [ms, againMs] = [0, 0];
    for (let heard = this.assembler.next(); heard; heard = this.assembler.next()) {
      ms += 100;
      if (heard.replayed) againMs += 100;
    }
    return { ms, againMs };
  }

  source(segment: string, stable: string, final = false, times: { startMs?: number; endMs?: number } = {}): void {
    this.assembler.source({ segment, stable, tentative: '', final, ...times });
  }

  translation(segment: string, stable: string, final = false, of?: string): void {
    this.assembler.translation({
      segment,
      stable,
      tentative: '',
      final,
      ...(of !== undefined && { sourceSegment: of }),
    });
  }

  /** A sentence with all that belongs to it. */
  sentence(name: string, text: string, endMs?: number): void {
    this.source(`s-${name}`, text, true, endMs === undefined ? {} : { endMs });
    this.translation(`t-${name}`, text.toUpperCase(), true, `s-${name}`);
    this.assembler.audio(`t-${name}`, sound);
    this.assembler.audioEnd(`t-${name}`);
  }

  static read(captions: readonly OutgoingCaption[]): string {
    return captions
      .filter(({ final }) => final)
      .map(({ stable, corrected }) => corrected ?? stable)
      .join(' ');
  }

  get shown(): string[] {
    return [Booth.read(this.originals), Booth.read(this.translations)];
  }
}

describe('UtteranceAssembler', () => {
  let booth: Booth;
  let { assembler } = new Booth();
  beforeEach(() => {
    booth = new Booth();
    assembler = booth.assembler;
  });
  /** How much would be said again to another session. */
  const unsettledMs = () => {
    assembler.restart();
    return booth.sends().againMs;
  };

  describe('settles speech', () => {
    beforeEach(() => {
      booth.hears(2000);
      booth.hears(1000, false);
      booth.sends();
    });

    it('when the captions and the sound of it have all come', () => {
      booth.source('s1', 'one', true, { endMs: 2000 });
      expect(assembler.hasOpenSegments).toBe(true);
      booth.translation('t1', 'uno', false, 's1');
      assembler.audio('t1', sound);
      booth.translation('t1', 'uno', true, 's1');
      expect(assembler.hasOpenSegments).toBe(true);
      assembler.audioEnd('t1');
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 1000]);
    });

    it.each([
      ['source', () => booth.translation('t1', 'uno', true, 's1')],
      ['translation', () => booth.source('s1', 'one', true, { endMs: 2000 })],
    ])('not before its %s is final', (_, says) => {
      says();
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([true, 3000]);
    });

    it('though the translation is final before the source', () => {
      booth.translation('t1', 'uno', true, 's1');
      booth.source('s1', 'one', true, { endMs: 2000 });
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 1000]);
    });

    it('though its sound came before it was known what it translates', () => {
      booth.source('s1', 'one', false);
      assembler.audio('t1', sound);
      booth.translation('t1', 'uno', true, 's1');
      booth.source('s1', 'one', true, { endMs: 2000 });
      expect(assembler.hasOpenSegments).toBe(true);
      assembler.audioEnd('t1');
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 1000]);
    });

    it('not before the source is final, though the translation was there first', () => {
      assembler.audio('t1', sound);
      assembler.audioEnd('t1');
      booth.translation('t1', 'uno', true, 's1');
      expect(assembler.hasOpenSegments).toBe(true);
      booth.source('s1', 'one', true, { endMs: 2000 });
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 1000]);
    });

    it('up to its pause where the service names no times', () => {
      booth.sentence('1', 'one');
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 700]);
    });

    it('not up to a pause that was sent after its last word came', () => {
      booth = new Booth();
      assembler = booth.assembler;
      booth.hears(2000);
      booth.sends();
      booth.sentence('1', 'one');
      booth.hears(1000, false);
      booth.sends();
      booth.source('s2', '', true);
      expect(unsettledMs()).toBe(3000);
    });

    it('though the service counts a little further than it was sent', () => {
      booth.sentence('1', 'one', 3040);
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 0]);
    });

    it('in the time of the session, silence of ours included', () => {
      assembler.silenceSent(16_000, 4000);
      booth.hears(1000);
      booth.sends();
      booth.sentence('1', 'one', 4900);
      expect(unsettledMs()).toBe(100);
    });

    it('in another session, too, though it names its segments alike', () => {
      booth.sentence('1', 'one', 1000);
      assembler.restart();
      booth.sends();
      booth.sentence('1', 'two');
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 700]);
    });

    it('in its order: not before what was said earlier is settled', () => {
      booth.source('s1', 'one', true, { endMs: 1000 });
      booth.sentence('2', 'two', 2000);
      expect(assembler.hasOpenSegments).toBe(true);
      booth.translation('t1', 'uno', true, 's1');
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 1000]);
    });

    it('in which nothing was said, without a translation', () => {
      booth.source('s1', '', true, { endMs: 2000 });
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 1000]);
    });

    it('of which a transcript is all that is wanted', () => {
      const transcribed = new Booth({ transcriptOnly: true });
      transcribed.hears(1000);
      transcribed.sends();
      transcribed.source('s1', 'one', true, { endMs: 1000 });
      expect(transcribed.assembler.hasOpenSegments).toBe(false);
    });

    it('and is not opened again by what still comes of it', () => {
      booth.source('s1', 'one', true, { endMs: 1000 });
      booth.translation('t1', 'uno', true, 's1');
      expect(assembler.hasOpenSegments).toBe(false);
      booth.source('s1', 'one more');
      expect(assembler.hasOpenSegments).toBe(false);
      booth.translation('t1', 'uno más', false, 's1');
      expect(assembler.hasOpenSegments).toBe(false);
      assembler.audio('t1', sound);
      expect(assembler.hasOpenSegments).toBe(true);
      assembler.audioEnd('t1');
      expect(assembler.hasOpenSegments).toBe(false);
      booth.translation('t1b', 'dos', false, 's1');
      booth.translation('t1b', 'dos', true, 's1');
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 2000]);
      expect(booth.voices).toContain('u2 complete');
    });
  });

  it('says of what each translation is one, and when it was said', () => {
    booth.hears(1000);
    booth.sends();
    booth.hears(1, false);
    booth.source('s1', 'one', true, { startMs: 200, endMs: 900 });
    booth.translation('t1', 'uno', true, 's1');
    expect(booth.originals).toMatchObject([{ utterance: 'u1', start: 200, end: 900 }]);
    expect(booth.translations).toMatchObject([{ utterance: 'u2', sourceUtterance: 'u1', stable: 'uno', final: true }]);
  });

  it('tells times of the room after silence of ours, too', () => {
    booth.hears(1000);
    booth.sends();
    assembler.silenceSent(16_000, 9000);
    booth.source('s1', 'one', true, { startMs: 1500, endMs: 2000 });
    expect(booth.originals).toMatchObject([{ start: 8500, end: 9000 }]);
  });

  it.each([
    ['where the service says when', { startMs: 200, endMs: 900 }, { start: 200, end: 900 }],
    ['where it does not', {}, { start: 0, end: 1000 }],
  ])('times a translation as what it translates, however late it comes: %s', (_where, times, said) => {
    booth.hears(1000);
    booth.sends();
    booth.source('s1', 'one', true, times);
    booth.hears(3000, false);
    booth.sends();
    booth.assembler.silenceSent(16_000, 60_000);
    booth.translation('t1', 'UNO', true, 's1');
    expect(booth.translations).toMatchObject([{ stable: 'UNO', ...said }]);
  });

  it('times the parts of a long translation one after the other', () => {
    booth.hears(20_000);
    booth.sends();
    booth.source('s1', 'one', true, { startMs: 0, endMs: 20_000 });
    const sentence = 'This is a part of what was said, '.repeat(9).trim();
    booth.translation('t1', sentence, false, 's1');
    booth.translation('t1', sentence, true, 's1');
    const finals = booth.translations.filter(({ final }) => final);
    expect(finals.length).toBeGreaterThan(1);
    for (const [i, { start, end }] of finals.entries()) {
      expect(start).toBe(i === 0 ? 0 : finals[i - 1]?.end);
      expect(end).toBeGreaterThan(start);
    }
  });

  it('says all the sound of a segment, and none that comes after its end', () => {
    booth.translation('t1', 'uno', true);
    assembler.audio('t1', sound);
    assembler.audio('t1', sound);
    assembler.audioEnd('t1');
    assembler.audio('t1', sound);
    expect(booth.voices).toEqual(['u1 says', 'u1 says', 'u1 complete']);
    expect(assembler.hasOpenSegments).toBe(false);
  });

  describe('when a session is lost', () => {
    it('tells the time of what is said again by the next one', () => {
      booth.hears(1000);
      booth.sends();
      booth.source('s1', 'one', true, { endMs: 1000 });
      assembler.restart();
      assembler.silenceSent(16_000, 3000);
      booth.sends();
      booth.source('a', 'one two', true, { startMs: 1000, endMs: 2000 });
      expect(booth.originals.at(-1)).toMatchObject({ stable: 'two', start: 0, end: 1000 });
    });

    it('shows what is said again once, and goes on where it was', () => {
      booth.hears(5000);
      booth.sends();
      booth.sentence('1', 'one two', 1000);
      booth.source('s2', 'three four', true, { endMs: 3000 });
      booth.translation('t2', 'THREE', false, 's2');
      booth.source('s3', 'fi');
      assembler.restart();
      expect(booth.sends()).toEqual({ ms: 5000 - 1000, againMs: 4000 });
      booth.sentence('a', 'three', 1000);
      booth.sentence('b', 'four five', 4000);
      expect(booth.shown).toEqual(['one two three four five', 'ONE TWO THREE FOUR FIVE']);
      expect(assembler.hasOpenSegments).toBe(false);
    });

    it('takes back a voice of which nothing was heard, and says it when it comes again', () => {
      booth.hears(1000);
      booth.sends();
      booth.translation('t1', 'uno', false);
      assembler.audio('t1', sound);
      assembler.restart();
      booth.translation('t1', 'uno dos', true);
      assembler.audio('t1', sound);
      assembler.audioEnd('t1');
      expect(booth.voices).toEqual(['u1 says', 'u1 withdrawn', 'u1 says', 'u1 complete']);
    });

    it('does so, too, where the text was final', () => {
      booth.translation('t1', 'uno dos', true);
      assembler.audio('t1', sound);
      assembler.restart();
      booth.translation('a', 'uno dos', true);
      assembler.audio('a', sound);
      assembler.audioEnd('a');
      expect(booth.voices).toEqual(['u1 says', 'u1 withdrawn', 'u1 says', 'u1 complete']);
      expect(booth.translations).toHaveLength(1);
    });

    it('says in the next what had no sound yet, though its text was final', () => {
      booth.source('s1', 'one');
      booth.translation('t1', 'uno dos', true, 's1');
      assembler.restart();
      assembler.audio('a', sound);
      booth.translation('a', 'uno dos', true);
      assembler.audioEnd('a');
      expect(booth.voices).toEqual(['u2 says', 'u2 complete']);
    });

    it('says again what had no sound yet where the session would have said it, and not where it only writes', () => {
      for (const speaks of [true, false]) {
        const other = new Booth();
        other.assembler.startSession({ speaks });
        other.hears(2000);
        other.sends();
        other.source('s1', 'one', true, { startMs: 0, endMs: 2000 });
        other.translation('t1', 'uno', true, 's1');
        expect(other.assembler.hasOpenSegments).toBe(speaks);
        other.assembler.restart();
        expect(other.sends().againMs).toBe(speaks ? 2000 : 0);
      }
    });

    it('does not say again what is only not said to its end: nobody would hear it', () => {
      for (const sounded of [true, false]) {
        const other = new Booth();
        other.assembler.startSession({ speaks: true });
        other.hears(2000);
        other.sends();
        other.source('s1', 'one', true, { startMs: 0, endMs: 2000 });
        other.translation('t1', 'uno', true, 's1');
        other.assembler.audio('t1', sound);
        if (sounded) other.sounded.add('u2');
        other.assembler.restart();
        expect(other.sends().againMs).toBe(sounded ? 0 : 2000);
      }
    });

    it('cuts a voice short of which some was heard, and says it no more', () => {
      booth.translation('t1', 'uno', false);
      assembler.audio('t1', sound);
      booth.sounded.add('u1');
      assembler.restart();
      booth.translation('a', 'uno dos', false);
      assembler.audio('a', sound);
      booth.translation('a', 'uno dos', true);
      assembler.audio('a', sound);
      assembler.audioEnd('a');
      assembler.restart();
      assembler.audio('b', sound);
      expect(booth.voices).toEqual(['u1 says', 'u1 cut short']);
      assembler.finish();
      expect(booth.shown[1]).toBe('uno dos');
    });

    it('lets a voice be that is complete, and says it no more', () => {
      booth.source('s1', 'one');
      booth.translation('t1', 'uno dos', true, 's1');
      assembler.audio('t1', sound);
      assembler.audioEnd('t1');
      assembler.restart();
      booth.translation('a', 'uno', true);
      assembler.audio('a', sound);
      assembler.audioEnd('a');
      booth.translation('b', 'dos', true);
      assembler.audio('b', sound);
      assembler.audioEnd('b');
      expect(booth.voices).toEqual(['u2 says', 'u2 complete']);
    });

    it.each(['before', 'after'])(
      'only shows what is new in a segment of which some was heard, and tells it once, its sound %s the text',
      (when) => {
        booth.translation('t1', 'uno dos', true);
        assembler.audio('t1', sound);
        booth.sounded.add('u1');
        assembler.restart();
        booth.translation('a', 'uno dos tres', false);
        if (when === 'before') assembler.audio('a', sound);
        booth.translation('a', 'uno dos tres', true);
        if (when === 'after') assembler.audio('a', sound);
        if (when === 'after') assembler.audio('a', sound);
        assembler.audioEnd('a');
        expect(booth.voices).toEqual(['u1 says', 'u1 cut short', 'u2 cut short']);
        expect(booth.shown[1]).toBe('uno dos tres');
      },
    );

    it('speaks again as soon as all was said again', () => {
      booth.translation('t1', 'uno dos tres', true);
      assembler.audio('t1', sound);
      booth.sounded.add('u1');
      assembler.restart();
      booth.translation('a', 'uno dos', true);
      booth.translation('b', 'cuatro cinco', true);
      booth.translation('c', 'seis', true);
      assembler.audio('c', sound);
      assembler.audioEnd('c');
      expect(booth.voices.slice(-2)).toEqual(['u3 says', 'u3 complete']);
    });

    it('skips no voice where there is none', () => {
      booth.translation('t1', 'uno', true);
      assembler.restart();
      booth.translation('a', 'uno dos', true);
      expect(booth.voices).toEqual([]);
    });
  });

  describe('what the service refuses', () => {
    beforeEach(() => {
      booth.hears(2000);
      booth.sends();
      booth.source('s1', 'one');
      booth.translation('t1', 'uno', false, 's1');
      assembler.audio('t1', sound);
      assembler.contentFiltered();
    });

    it('is told to readers, ends, and is not said again', () => {
      expect(booth.originals.at(-1)).toMatchObject({ stable: 'one', final: true });
      expect(booth.translations.at(-1)).toMatchObject({ stable: 'uno', final: true, contentFiltered: true });
      expect(booth.voices).toEqual(['u2 says', 'u2 complete']);
      expect([assembler.hasOpenSegments, unsettledMs()]).toEqual([false, 0]);
    });

    it('opens nothing again with what still comes of it', () => {
      booth.source('s1', 'one more');
      booth.translation('t1', 'uno más', false, 's1');
      expect([assembler.hasOpenSegments, booth.shown]).toEqual([false, ['one', 'uno']]);
    });

    it('mutes nothing of what another session says next', () => {
      assembler.restart();
      booth.sentence('a', 'one');
      expect(booth.voices.slice(2)).toEqual(['u4 says', 'u4 complete']);
      expect(booth.shown).toEqual(['one one', 'uno ONE']);
    });
  });

  it('ends with what was shown, and with what sounds, when nothing more comes', () => {
    booth.source('s1', 'one');
    booth.translation('t1', 'uno', false, 's1');
    assembler.audio('t1', sound);
    assembler.finish();
    assembler.finish();
    expect([booth.shown, booth.voices, assembler.hasOpenSegments]).toEqual([
      ['one', 'uno'],
      ['u2 says', 'u2 complete'],
      false,
    ]);
  });

  it('has one final of each utterance and begins no voice again that was heard, wherever sessions are lost', () => {
    const step = fc.record({
      does: fc.constantFrom(
        'partial',
        'source',
        'translation',
        'sounds',
        'sound ends',
        'is heard',
        'is lost',
        'refused',
      ),
      segment: fc.nat(3),
      words: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const another = new Booth();
        let session = 0;
        for (const { does, segment, words } of steps) {
          const name = `${session}-${segment}`;
          const text = ['uno', 'uno dos', 'dos tres', 'cuatro cinco seis'][words] ?? '';
          if (does === 'partial') another.translation(name, text, false, name);
          else if (does === 'source') another.source(name, text, true);
          else if (does === 'translation') another.translation(name, text, true, name);
          else if (does === 'sounds') another.assembler.audio(name, sound);
          else if (does === 'sound ends') another.assembler.audioEnd(name);
          else if (does === 'is heard') {
            const last = another.voices.findLast((voice) => voice.endsWith('says'))?.split(' ')[0];
            if (last && !another.voices.includes(`${last} withdrawn`)) another.sounded.add(last);
          } else if (does === 'refused') another.assembler.contentFiltered();
          else {
            another.assembler.restart();
            session++;
            another.voices.push(`session ${session}`);
          }
        }
        another.assembler.finish();
        expect(another.assembler.hasOpenSegments).toBe(false);
        for (const captions of [another.originals, another.translations]) {
          for (const of of Map.groupBy(captions, ({ utterance }) => utterance).values()) {
            expect(of.filter(({ final }) => final)).toEqual([of.at(-1)]);
          }
        }
        const over = new Set<string>();
        const begunIn = new Map<string, string>();
        let at = '';
        for (const voice of another.voices) {
          const [id = '', what = ''] = voice.split(' ');
          if (id === 'session') at = voice;
          else if (what === 'says') {
            expect(over.has(id)).toBe(false);
            expect(begunIn.get(id) ?? at).toBe(at);
            begunIn.set(id, at);
          } else if (what === 'withdrawn') begunIn.delete(id);
          else {
            expect(over.has(id)).toBe(false);
            over.add(id);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
