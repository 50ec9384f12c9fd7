/** What is kept of a translation that was stopped, and what of it is used again. */
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JournalOptions, TranslationJournal } from '../../../cli/translation-journal.ts';

const subject = { input: '/talk.mp4', bytes: 1000, source: 'en', targets: ['es', 'fr'], track: 1, channel: 0 };
const hello = { startMs: 0, endMs: 900, source: 'Hello.', translation: 'Hola.', voice: { offset: 0, length: 3 } };
const fresh: JournalOptions = { resume: false, overwrite: false };
const resumed: JournalOptions = { resume: true, overwrite: false };

let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'booth-test-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));
const folder = () => join(parent, 'talk.es.srt.part');
const open = (options: JournalOptions, of = subject) => new TranslationJournal(folder(), of, options);

/** A translation that was stopped after its first sentence in Spanish. */
function stop(): void {
  const journal = open(fresh);
  journal.target('es').addVoice(Int16Array.of(1, 2, 3));
  journal.target('es').add(hello, 900);
  journal.close();
}

describe('a translation that was stopped', () => {
  it('goes on in each language from where that was', () => {
    stop();
    const journal = open(resumed);
    expect(journal.target('es').utterances).toEqual([hello]);
    expect([journal.target('es').doneMs, journal.target('fr').doneMs]).toEqual([900, 0]);
    expect(journal.target('es').addVoice(Int16Array.of(4))).toBe(3);
    expect([...journal.target('es').readVoice(1, 3)]).toEqual([2, 3, 4]);
    journal.remove();
    expect(existsSync(folder())).toBe(false);
  });

  it('keeps what is whole, where the last line and the last sample were cut', () => {
    stop();
    appendFileSync(join(folder(), 'journal.jsonl'), '{"target":"es","doneMs":18');
    appendFileSync(join(folder(), 'voice.es.s16'), Uint8Array.of(7));
    const journal = open(resumed);
    expect(journal.target('es').utterances).toEqual([hello]);
    expect(journal.target('es').addVoice(Int16Array.of(4))).toBe(3);
    expect([...journal.target('es').readVoice(3, 1)]).toEqual([4]);
    const next = { ...hello, startMs: 1000, endMs: 1800, voice: { offset: 3, length: 1 } };
    journal.target('es').add(next, 1800);
    journal.close();
    const again = open(resumed);
    expect(again.target('es').utterances).toEqual([hello, next]);
    again.close();
  });

  it('is neither replaced nor taken for another one', () => {
    stop();
    expect(() => open(fresh)).toThrow('go on with --resume');
    expect(() => open(resumed, { ...subject, bytes: 2000 })).toThrow('was another translation');
    const anew = open({ resume: false, overwrite: true });
    expect(anew.target('es').utterances).toEqual([]);
    anew.close();
  });

  it('has to be there to go on with', () => {
    expect(() => open(resumed)).toThrow('there is nothing to go on with');
  });
});
