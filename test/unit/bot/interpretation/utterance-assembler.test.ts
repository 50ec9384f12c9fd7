import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingCaption } from '../../../../bot/captions/caption-channel.ts';
import type { InterpretationEvent } from '../../../../bot/interpretation/interpretation-event.ts';
import { UtteranceAssembler } from '../../../../bot/interpretation/utterance-assembler.ts';

const speaker = { id: 'ann', name: 'Ann' };
const sound = new Int16Array(2400);

/** What people see and hear of a assembler, and a session that says what the test says. */
class Stage {
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
      retractAudio: (id) => {
        if (this.sounded.has(id)) return false;
        this.voices.push(`${id} retracted`);
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
  hears(ms: number, isSpeech = true): void {
    for (let left = ms; left > 0; left -= 100) {
      this.#saidMs += 100;
      this.assembler.push({ samples: new Int16Array(1600), roomMs: this.#saidMs, isSpeech });
    }
  }

  /** Sends all that waits to the session: how much that is, and how much of it was replayed. */
  sends(): { ms: number; againMs: number } {
    let [ms, againMs] = [0, 0];
    for (let chunk = this.assembler.next(); chunk; chunk = this.assembler.next()) {
      ms += 100;
      if (chunk.replayed) againMs += 100;
    }
    return { ms, againMs };
  }

  source(segment: string, confirmed: string, final = false, times: { startMs?: number; endMs?: number } = {}): void {
    this.assembler.source({ segment, confirmed, tentative: '', final, ...times });
  }

  translation(segment: string, confirmed: string, final = false, of?: string): void {
    this.assembler.translation({
      segment,
      confirmed,
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
    return [Stage.read(this.originals), Stage.read(this.translations)];
  }
}

describe('UtteranceAssembler', () => {
  let stage: Stage;
  let { assembler } = new Stage();
  beforeEach(() => {
    stage = new Stage();
    assembler = stage.assembler;
  });
  /** How much would be said again to another session. */
  const unacknowledgedMs = () => {
    assembler.restart();
    return stage.sends().againMs;
  };

  it('dates a sentence of which the service reports no time to its own beginning, minutes into a talk without long pauses', () => {
    const starts: number[] = [];
    let saidMs = 0;
    for (let i = 0; i < 60; i++) {
      starts.push(saidMs);
      // The first words come a second later; another sentence may have begun by then.
      const speechMs = i % 3 === 0 ? 700 : 2500;
      stage.hears(speechMs);
      stage.hears(400, false);
      saidMs += speechMs + 400;
      stage.sends();
      if (i > 0) stage.sentence(`${i - 1}`, `sentence ${i - 1}`);
    }
    expect(stage.originals.filter(({ final }) => final).map(({ start }) => start)).toEqual(starts.slice(0, -1));
    expect(stage.translations.filter(({ final }) => final).map(({ start }) => start)).toEqual(starts.slice(0, -1));
  });

  it('dates the rest of a sentence that the service has ended too early to where it did', () => {
    stage.hears(1000, false);
    stage.hears(2600);
    stage.sends();
    stage.sentence('1', 'so we have');
    stage.hears(1000);
    stage.sends();
    stage.sentence('2', 'seen this');
    const finals = stage.originals.filter(({ final }) => final);
    expect(finals.map(({ start, end }) => [start, end])).toEqual([
      [1000, 3600],
      [3600, 4600],
    ]);
  });

  it('dates what is said without a pause to the last seconds', () => {
    stage.hears(120_000);
    stage.sends();
    stage.source('s1', 'on and on');
    expect(stage.originals.at(-1)?.start).toBeGreaterThanOrEqual(120_000 - 6000);
  });

  describe('acknowledges speech', () => {
    beforeEach(() => {
      stage.hears(2000);
      stage.hears(1000, false);
      stage.sends();
    });

    it('when its captions and its voice have all come', () => {
      stage.source('s1', 'one', true, { endMs: 2000 });
      expect(assembler.hasOpenSegments).toBe(true);
      stage.translation('t1', 'uno', false, 's1');
      assembler.audio('t1', sound);
      stage.translation('t1', 'uno', true, 's1');
      expect(assembler.hasOpenSegments).toBe(true);
      assembler.audioEnd('t1');
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 1000]);
    });

    it.each([
      ['source', () => stage.translation('t1', 'uno', true, 's1')],
      ['translation', () => stage.source('s1', 'one', true, { endMs: 2000 })],
    ])('not before its %s is final', (_, says) => {
      says();
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([true, 3000]);
    });

    it('although the translation is final before the source', () => {
      stage.translation('t1', 'uno', true, 's1');
      stage.source('s1', 'one', true, { endMs: 2000 });
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 1000]);
    });

    it('although its voice came before the service said what it translates', () => {
      stage.source('s1', 'one', false);
      assembler.audio('t1', sound);
      stage.translation('t1', 'uno', true, 's1');
      stage.source('s1', 'one', true, { endMs: 2000 });
      expect(assembler.hasOpenSegments).toBe(true);
      assembler.audioEnd('t1');
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 1000]);
    });

    it('not before the source is final, although the translation came first', () => {
      assembler.audio('t1', sound);
      assembler.audioEnd('t1');
      stage.translation('t1', 'uno', true, 's1');
      expect(assembler.hasOpenSegments).toBe(true);
      stage.source('s1', 'one', true, { endMs: 2000 });
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 1000]);
    });

    it('up to the pause after it where the service names no times', () => {
      stage.sentence('1', 'one');
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 700]);
    });

    it('not up to a pause that was sent after its last result', () => {
      stage = new Stage();
      assembler = stage.assembler;
      stage.hears(2000);
      stage.sends();
      stage.sentence('1', 'one');
      stage.hears(1000, false);
      stage.sends();
      stage.source('s2', '', true);
      expect(unacknowledgedMs()).toBe(3000);
    });

    it('although the service counts a little more audio than it was sent', () => {
      stage.sentence('1', 'one', 3040);
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 0]);
    });

    it('in the session’s time, silence that was added included', () => {
      assembler.silenceSent(16_000, 4000);
      stage.hears(1000);
      stage.sends();
      stage.sentence('1', 'one', 4900);
      expect(unacknowledgedMs()).toBe(100);
    });

    it('of another session that gives its segments the same names', () => {
      stage.sentence('1', 'one', 1000);
      assembler.restart();
      stage.sends();
      stage.sentence('1', 'two');
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 700]);
    });

    it('in order: not before earlier speech is acknowledged', () => {
      stage.source('s1', 'one', true, { endMs: 1000 });
      stage.sentence('2', 'two', 2000);
      expect(assembler.hasOpenSegments).toBe(true);
      stage.translation('t1', 'uno', true, 's1');
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 1000]);
    });

    it('without words, which has no translation', () => {
      stage.source('s1', '', true, { endMs: 2000 });
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 1000]);
    });

    it('without a translation where only a transcript is wanted', () => {
      const transcribed = new Stage({ transcriptOnly: true });
      transcribed.hears(1000);
      transcribed.sends();
      transcribed.source('s1', 'one', true, { endMs: 1000 });
      expect(transcribed.assembler.hasOpenSegments).toBe(false);
    });

    it('and is not opened again by late results', () => {
      stage.source('s1', 'one', true, { endMs: 1000 });
      stage.translation('t1', 'uno', true, 's1');
      expect(assembler.hasOpenSegments).toBe(false);
      stage.source('s1', 'one more');
      expect(assembler.hasOpenSegments).toBe(false);
      stage.translation('t1', 'uno más', false, 's1');
      expect(assembler.hasOpenSegments).toBe(false);
      assembler.audio('t1', sound);
      expect(assembler.hasOpenSegments).toBe(true);
      assembler.audioEnd('t1');
      expect(assembler.hasOpenSegments).toBe(false);
      stage.translation('t1b', 'dos', false, 's1');
      stage.translation('t1b', 'dos', true, 's1');
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 2000]);
      expect(stage.voices).toContain('u2 complete');
    });
  });

  it('links each translation to its source utterance and its time', () => {
    stage.hears(1000);
    stage.sends();
    stage.hears(1, false);
    stage.source('s1', 'one', true, { startMs: 200, endMs: 900 });
    stage.translation('t1', 'uno', true, 's1');
    expect(stage.originals).toMatchObject([{ utterance: 'u1', start: 200, end: 900 }]);
    expect(stage.translations).toMatchObject([{ utterance: 'u2', sourceUtterance: 'u1', stable: 'uno', final: true }]);
  });

  it('keeps the room’s time after silence that was added', () => {
    stage.hears(1000);
    stage.sends();
    assembler.silenceSent(16_000, 9000);
    stage.source('s1', 'one', true, { startMs: 1500, endMs: 2000 });
    expect(stage.originals).toMatchObject([{ start: 8500, end: 9000 }]);
  });

  it.each([
    ['where the service says when', { startMs: 200, endMs: 900 }, { start: 200, end: 900 }],
    ['where it does not', {}, { start: 0, end: 1000 }],
  ])('times a translation as what it translates, however late it comes: %s', (_where, times, said) => {
    stage.hears(1000);
    stage.sends();
    stage.source('s1', 'one', true, times);
    stage.hears(3000, false);
    stage.sends();
    stage.assembler.silenceSent(16_000, 60_000);
    stage.translation('t1', 'UNO', true, 's1');
    expect(stage.translations).toMatchObject([{ stable: 'UNO', ...said }]);
  });

  it('gives the parts of a long translation consecutive times', () => {
    stage.hears(20_000);
    stage.sends();
    stage.source('s1', 'one', true, { startMs: 0, endMs: 20_000 });
    const sentence = 'This is a part of what was said, '.repeat(9).trim();
    stage.translation('t1', sentence, false, 's1');
    stage.translation('t1', sentence, true, 's1');
    const finals = stage.translations.filter(({ final }) => final);
    expect(finals.length).toBeGreaterThan(1);
    for (const [i, { start, end }] of finals.entries()) {
      expect(start).toBe(i === 0 ? 0 : finals[i - 1]?.end);
      expect(end).toBeGreaterThan(start);
    }
  });

  it('emits all voice of a segment, and none after its end', () => {
    stage.translation('t1', 'uno', true);
    assembler.audio('t1', sound);
    assembler.audio('t1', sound);
    assembler.audioEnd('t1');
    assembler.audio('t1', sound);
    expect(stage.voices).toEqual(['u1 says', 'u1 says', 'u1 complete']);
    expect(assembler.hasOpenSegments).toBe(false);
  });

  describe('when a session is lost', () => {
    it('times replayed speech by the next session', () => {
      stage.hears(1000);
      stage.sends();
      stage.source('s1', 'one', true, { endMs: 1000 });
      assembler.restart();
      assembler.silenceSent(16_000, 3000);
      stage.sends();
      stage.source('a', 'one two', true, { startMs: 1000, endMs: 2000 });
      expect(stage.originals.at(-1)).toMatchObject({ stable: 'two', start: 0, end: 1000 });
    });

    it('shows replayed speech once, and continues its utterances', () => {
      stage.hears(5000);
      stage.sends();
      stage.sentence('1', 'one two', 1000);
      stage.source('s2', 'three four', true, { endMs: 3000 });
      stage.translation('t2', 'THREE', false, 's2');
      stage.source('s3', 'fi');
      assembler.restart();
      expect(stage.sends()).toEqual({ ms: 5000 - 1000, againMs: 4000 });
      stage.sentence('a', 'three', 1000);
      stage.sentence('b', 'four five', 4000);
      expect(stage.shown).toEqual(['one two three four five', 'ONE TWO THREE FOUR FIVE']);
      expect(assembler.hasOpenSegments).toBe(false);
    });

    it('retracts a voice that was not played, and emits it when it comes again', () => {
      stage.hears(1000);
      stage.sends();
      stage.translation('t1', 'uno', false);
      assembler.audio('t1', sound);
      assembler.restart();
      stage.translation('t1', 'uno dos', true);
      assembler.audio('t1', sound);
      assembler.audioEnd('t1');
      expect(stage.voices).toEqual(['u1 says', 'u1 retracted', 'u1 says', 'u1 complete']);
    });

    it('retracts it also where the text was final', () => {
      stage.translation('t1', 'uno dos', true);
      assembler.audio('t1', sound);
      assembler.restart();
      stage.translation('a', 'uno dos', true);
      assembler.audio('a', sound);
      assembler.audioEnd('a');
      expect(stage.voices).toEqual(['u1 says', 'u1 retracted', 'u1 says', 'u1 complete']);
      expect(stage.translations).toHaveLength(1);
    });

    it('emits the voice from the next session where none had come, although the text was final', () => {
      stage.source('s1', 'one');
      stage.translation('t1', 'uno dos', true, 's1');
      assembler.restart();
      assembler.audio('a', sound);
      stage.translation('a', 'uno dos', true);
      assembler.audioEnd('a');
      expect(stage.voices).toEqual(['u2 says', 'u2 complete']);
    });

    it('replays speech whose voice is missing where the session speaks, and not where it only writes', () => {
      for (const hasAudioOutput of [true, false]) {
        const other = new Stage();
        other.assembler.startSession({ hasAudioOutput });
        other.hears(2000);
        other.sends();
        other.source('s1', 'one', true, { startMs: 0, endMs: 2000 });
        other.translation('t1', 'uno', true, 's1');
        expect(other.assembler.hasOpenSegments).toBe(hasAudioOutput);
        other.assembler.restart();
        expect(other.sends().againMs).toBe(hasAudioOutput ? 2000 : 0);
      }
    });

    it('does not replay speech for the rest of a voice that was cut short', () => {
      for (const sounded of [true, false]) {
        const other = new Stage();
        other.assembler.startSession({ hasAudioOutput: true });
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

    it('cuts short a voice that was partly played, and emits no more of it', () => {
      stage.translation('t1', 'uno', false);
      assembler.audio('t1', sound);
      stage.sounded.add('u1');
      assembler.restart();
      stage.translation('a', 'uno dos', false);
      assembler.audio('a', sound);
      stage.translation('a', 'uno dos', true);
      assembler.audio('a', sound);
      assembler.audioEnd('a');
      assembler.restart();
      assembler.audio('b', sound);
      expect(stage.voices).toEqual(['u1 says', 'u1 cut short']);
      assembler.finish();
      expect(stage.shown[1]).toBe('uno dos');
    });

    it('leaves a complete voice alone, and does not emit it again', () => {
      stage.source('s1', 'one');
      stage.translation('t1', 'uno dos', true, 's1');
      assembler.audio('t1', sound);
      assembler.audioEnd('t1');
      assembler.restart();
      stage.translation('a', 'uno', true);
      assembler.audio('a', sound);
      assembler.audioEnd('a');
      stage.translation('b', 'dos', true);
      assembler.audio('b', sound);
      assembler.audioEnd('b');
      expect(stage.voices).toEqual(['u2 says', 'u2 complete']);
    });

    it.each(['before', 'after'])(
      'only shows what is new in a segment that was partly played, and cuts it short once, its voice %s the text',
      (when) => {
        stage.translation('t1', 'uno dos', true);
        assembler.audio('t1', sound);
        stage.sounded.add('u1');
        assembler.restart();
        stage.translation('a', 'uno dos tres', false);
        if (when === 'before') assembler.audio('a', sound);
        stage.translation('a', 'uno dos tres', true);
        if (when === 'after') assembler.audio('a', sound);
        if (when === 'after') assembler.audio('a', sound);
        assembler.audioEnd('a');
        expect(stage.voices).toEqual(['u1 says', 'u1 cut short', 'u2 cut short']);
        expect(stage.shown[1]).toBe('uno dos tres');
      },
    );

    it('emits voice again as soon as the replayed speech is over', () => {
      stage.translation('t1', 'uno dos tres', true);
      assembler.audio('t1', sound);
      stage.sounded.add('u1');
      assembler.restart();
      stage.translation('a', 'uno dos', true);
      stage.translation('b', 'cuatro cinco', true);
      stage.translation('c', 'seis', true);
      assembler.audio('c', sound);
      assembler.audioEnd('c');
      expect(stage.voices.slice(-2)).toEqual(['u3 says', 'u3 complete']);
    });

    it('cuts no voice short where there is none', () => {
      stage.translation('t1', 'uno', true);
      assembler.restart();
      stage.translation('a', 'uno dos', true);
      expect(stage.voices).toEqual([]);
    });
  });

  describe('when the service refuses content', () => {
    beforeEach(() => {
      stage.hears(2000);
      stage.sends();
      stage.source('s1', 'one');
      stage.translation('t1', 'uno', false, 's1');
      assembler.audio('t1', sound);
      assembler.contentFiltered();
    });

    it('tells readers, ends the utterance, and does not replay it', () => {
      expect(stage.originals.at(-1)).toMatchObject({ stable: 'one', final: true });
      expect(stage.translations.at(-1)).toMatchObject({ stable: 'uno', final: true, contentFiltered: true });
      expect(stage.voices).toEqual(['u2 says', 'u2 complete']);
      expect([assembler.hasOpenSegments, unacknowledgedMs()]).toEqual([false, 0]);
    });

    it('opens nothing again with late results', () => {
      stage.source('s1', 'one more');
      stage.translation('t1', 'uno más', false, 's1');
      expect([assembler.hasOpenSegments, stage.shown]).toEqual([false, ['one', 'uno']]);
    });

    it('mutes no voice of the next session', () => {
      assembler.restart();
      stage.sentence('a', 'one');
      expect(stage.voices.slice(2)).toEqual(['u4 says', 'u4 complete']);
      expect(stage.shown).toEqual(['one one', 'uno ONE']);
    });
  });

  it('ends open captions with what was shown, and open voices, when it is finished', () => {
    stage.source('s1', 'one');
    stage.translation('t1', 'uno', false, 's1');
    assembler.audio('t1', sound);
    assembler.finish();
    assembler.finish();
    expect([stage.shown, stage.voices, assembler.hasOpenSegments]).toEqual([
      ['one', 'uno'],
      ['u2 says', 'u2 complete'],
      false,
    ]);
  });

  it('emits one final for each utterance and replays no voice that was played, wherever sessions are lost', () => {
    const step = fc.record({
      does: fc.constantFrom(
        'partial',
        'source',
        'translation',
        'sounds',
        'sound ends',
        'is played',
        'is lost',
        'refused',
      ),
      segment: fc.nat(3),
      words: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const another = new Stage();
        let session = 0;
        for (const { does, segment, words } of steps) {
          const name = `${session}-${segment}`;
          const text = ['uno', 'uno dos', 'dos tres', 'cuatro cinco seis'][words] ?? '';
          if (does === 'partial') another.translation(name, text, false, name);
          else if (does === 'source') another.source(name, text, true);
          else if (does === 'translation') another.translation(name, text, true, name);
          else if (does === 'sounds') another.assembler.audio(name, sound);
          else if (does === 'sound ends') another.assembler.audioEnd(name);
          else if (does === 'is played') {
            const last = another.voices.findLast((voice) => voice.endsWith('says'))?.split(' ')[0];
            if (last && !another.voices.includes(`${last} retracted`)) another.sounded.add(last);
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
          } else if (what === 'retracted') begunIn.delete(id);
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
