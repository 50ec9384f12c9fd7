/** What is kept of a translation that was stopped, and what of it is used again. */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
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

describe('what is somebody else’s', () => {
  const makers: [string, () => void][] = [
    ['a file', () => writeFileSync(folder(), 'half a download')],
    ['an empty folder', () => mkdirSync(folder())],
    ['a folder with files', () => writeIn('journal.jsonl', 'Dear diary,\n')],
    ['a link to a folder', () => symlinkSync(parent, folder())],
  ];
  const writeIn = (name: string, text: string): void => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(join(folder(), name), text);
  };

  it.each(makers)('is refused and stays: %s', (_what, make) => {
    make();
    for (const options of [fresh, { resume: false, overwrite: true }])
      expect(() => open(options)).toThrow(
        /talk\.es\.srt\.part: is not Booth's, .*: move it away, or choose another name/,
      );
    expect(readdirSync(parent)).toEqual(['talk.es.srt.part']);
  });

  it('stays in the folder where everything else is removed', () => {
    stop();
    writeIn('notes.txt', 'mine');
    open({ resume: false, overwrite: true }).remove();
    expect(readdirSync(folder())).toEqual(['notes.txt']);
  });
});

describe('a translation that is under way', () => {
  const inAnotherProcess = (): number => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => void child.kill());
    return child.pid ?? 0;
  };

  it.each([fresh, resumed, { resume: false, overwrite: true }])('keeps others out, with %j', (options) => {
    stop();
    const pid = inAnotherProcess();
    const lock = join(folder(), 'booth.lock');
    writeFileSync(lock, String(pid));
    expect(() => open(options)).toThrow(`process ${pid} is translating into it: wait until it has ended`);
    expect(readFileSync(lock, 'utf8')).toBe(String(pid));
    expect(existsSync(join(folder(), 'voice.es.s16'))).toBe(true);
  });

  it('keeps nobody out once its process has died, nor once it has ended', async () => {
    stop();
    expect(existsSync(join(folder(), 'booth.lock'))).toBe(false);
    const child = spawn('true', { stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve));
    writeFileSync(join(folder(), 'booth.lock'), String(child.pid));
    const journal = open(resumed);
    expect(journal.target('es').utterances).toEqual([hello]);
    journal.close();
  });

  it('knows the files again that it has written, until somebody replaces them', () => {
    const journal = open(fresh);
    const [part, path] = [journal.partFor('es.srt'), join(parent, 'talk.es.srt')];
    writeFileSync(part, 'subtitles');
    journal.addWritten(path, part);
    renameSync(part, path);
    journal.close();
    const again = open(resumed);
    expect(again.hasWritten(path)).toBe(true);
    expect(again.hasWritten(join(parent, 'other.srt'))).toBe(false);
    writeFileSync(join(parent, 'theirs'), 'subtitles of somebody else');
    renameSync(join(parent, 'theirs'), path);
    expect(again.hasWritten(path)).toBe(false);
    again.close();
  });
});
