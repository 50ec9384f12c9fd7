/**
 * Keeps what is translated of a recording while it comes, in a folder next to what will be written: so that nothing is paid for twice
 * where a translation is stopped, by whatever. Each line is whole or ignored, and voices are written before the line that names them.
 *
 * Hard requirements: one process at a time writes into the folder, and nothing in it is removed but what a journal has written.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { CommandError } from './errors.ts';
import { fileProblem, isFileError } from './files.ts';
import { takeLock } from './run-lock.ts';
import { TranslatedUtterance, type TranslationRecord } from './translated-utterance.ts';

/** What a journal is of. A resumed translation has to be the same. */
const Subject = z.strictObject({
  input: z.string(),
  bytes: z.number(),
  source: z.string(),
  targets: z.array(z.string()),
  track: z.number(),
  channel: z.number(),
});
export type JournalSubject = z.infer<typeof Subject>;

const Line = z.strictObject({ target: z.string(), doneMs: z.number(), utterance: TranslatedUtterance });
type Line = z.infer<typeof Line>;

/** A file that got its own name, with which the translation that goes on may do as it likes. */
const WrittenFile = z.strictObject({ written: z.string(), inode: z.number() });

/** Writes to the files of a journal. @throws {CommandError} where there is no room, say */
interface JournalWriter {
  voice(samples: Int16Array): void;
  line(utterance: TranslatedUtterance, doneMs: number): void;
}

const BYTES_PER_SAMPLE = 2;
const JOURNAL = 'journal.jsonl';
const LOCK = 'booth.lock';
/** The names of what is in the folder, of which all else is somebody else's. */
const OWN_NAMES = /^(journal\.jsonl|(voice|mixed|written)\..+)$/;
/** The input of a translation that nobody can go on with. */
export const MICROPHONE = '-';

export interface JournalOptions {
  /** Goes on with what is there; else a journal that is there is an error. */
  resume: boolean;
  /** Begins anew where a journal is there. */
  overwrite: boolean;
}

export class TranslationJournal {
  readonly folder: string;
  readonly #file: string;
  readonly #targets = new Map<string, JournalTarget>();

  /**
   * @throws {CommandError} where it cannot be written, is of something else, is written by another process, or is there and shall neither
   * be resumed nor overwritten
   */
  constructor(folder: string, subject: JournalSubject, options: JournalOptions) {
    this.folder = folder;
    this.#file = join(folder, JOURNAL);
    if (options.resume && !existsSync(this.#file))
      throw new CommandError(`${folder}: there is nothing to go on with: leave --resume out`);
    const isNew = this.#withFileErrors(() => this.#enter());
    try {
      this.#open(subject, options);
    } catch (error) {
      if (isNew) this.remove();
      else this.close();
      throw error;
    }
  }

  target(language: string): JournalTarget {
    const target = this.#targets.get(language);
    if (!target) throw new Error(`the journal has no ${language}`);
    return target;
  }

  get isOpen(): boolean {
    return this.#targets.size > 0;
  }

  /** The path of a file in the folder, in which something is written before it gets its own name. */
  partFor(name: string): string {
    return join(this.folder, `written.${name}`);
  }

  /** To be called before the file `part` gets the name `path`. */
  addWritten(path: string, part: string): void {
    this.#withFileErrors(() => {
      const written = { written: resolve(path), inode: statSync(part).ino } satisfies z.infer<typeof WrittenFile>;
      appendFileSync(this.#file, `${JSON.stringify(written)}\n`);
    });
  }

  /** Whether the file at `path` was written by this translation, before it was stopped. */
  hasWritten(path: string): boolean {
    const inode = lstatSync(path, { throwIfNoEntry: false })?.ino;
    return readFileSync(this.#file, 'utf8')
      .split('\n')
      .map((line) => WrittenFile.safeParse(parsed(line)).data)
      .some((file) => file !== undefined && file.written === resolve(path) && file.inode === inode);
  }

  /** Closes its files, which stay. */
  close(): void {
    for (const target of this.#targets.values()) target.close();
    this.#targets.clear();
    rmSync(join(this.folder, LOCK), { force: true });
  }

  /** Everything is written, or nothing was translated: nothing is left to go on with. */
  remove(): void {
    this.#removeFiles();
    this.close();
    try {
      rmdirSync(this.folder);
    } catch (error) {
      // Somebody has put something else there, which stays.
      if (!isFileError(error) || !['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(error.code ?? '')) throw error;
    }
  }

  /** Makes the folder, or makes sure of the one that is there, for this process alone. @returns whether it was made */
  #enter(): boolean {
    const isThere = lstatSync(this.folder, { throwIfNoEntry: false }) !== undefined;
    const lock = join(this.folder, LOCK);
    if (!isThere) mkdirSync(this.folder);
    else if (keptSubject(this.#file) === undefined && !existsSync(lock))
      throw new CommandError(
        `${this.folder}: is not Booth's, and what is translated is kept under this name meanwhile: move it away, or choose another name for what is written`,
      );
    const holder = takeLock(lock);
    if (holder === undefined) return !isThere;
    const process = Number.isNaN(holder) ? 'another process' : `process ${holder}`;
    throw new CommandError(
      `${this.folder}: ${process} is translating into it: wait until it has ended, or choose another name for what is written (if none is, remove ${lock})`,
    );
  }

  #open(subject: JournalSubject, { resume, overwrite }: JournalOptions): void {
    const kept = keptSubject(this.#file);
    if (kept && !resume && !overwrite && kept.input !== MICROPHONE)
      throw new CommandError(
        `${this.folder}: a translation was stopped here: go on with --resume, or begin anew with --overwrite`,
      );
    if (resume && JSON.stringify(kept) !== JSON.stringify(subject))
      throw new CommandError(
        `${this.folder}: what was stopped here was another translation: use the same recording and options, or begin anew with --overwrite`,
      );
    this.#withFileErrors(() => {
      if (!resume) this.#removeFiles();
      // The line feed ends the last line, where writing that was cut.
      appendFileSync(this.#file, resume ? '\n' : `${JSON.stringify(subject)}\n`);
      const lines = linesOf(this.#file);
      for (const target of subject.targets) {
        const own = lines.filter((line) => line.target === target);
        const file = openSync(join(this.folder, `voice.${target}.s16`), 'a+');
        this.#targets.set(target, new JournalTarget(file, own, this.#writerOf(target, file)));
      }
    });
  }

  #removeFiles(): void {
    for (const name of readdirSync(this.folder)) if (OWN_NAMES.test(name)) rmSync(join(this.folder, name));
  }

  #writerOf(target: string, voiceFile: number): JournalWriter {
    return {
      voice: (samples) => this.#withFileErrors(() => writeAll(voiceFile, samples)),
      line: (utterance, doneMs) =>
        this.#withFileErrors(() =>
          appendFileSync(this.#file, `${JSON.stringify({ target, doneMs, utterance } satisfies Line)}\n`),
        ),
    };
  }

  #withFileErrors<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw isFileError(error) ? new CommandError(fileProblem(this.folder, error)) : error;
    }
  }
}

/** What the journal in this file is of; undefined where it is none. */
function keptSubject(file: string): JournalSubject | undefined {
  try {
    return Subject.safeParse(parsed(readFileSync(file, 'utf8').split('\n', 1)[0] ?? '')).data;
  } catch (error) {
    if (isFileError(error)) return undefined;
    throw error;
  }
}

const linesOf = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => Line.safeParse(parsed(line)).data ?? []);

/** The part of a journal that is of one language. */
export class JournalTarget implements TranslationRecord {
  readonly utterances: TranslatedUtterance[];
  readonly #file: number;
  readonly #writer: JournalWriter;
  #voiceSamples: number;
  #doneMs: number;

  constructor(file: number, lines: readonly Line[], writer: JournalWriter) {
    this.#file = file;
    this.#writer = writer;
    this.utterances = lines.map(({ utterance }) => utterance);
    this.#doneMs = Math.max(0, ...lines.map(({ doneMs }) => doneMs));
    this.#voiceSamples = Math.floor(fstatSync(file).size / BYTES_PER_SAMPLE);
    // Half a sample, where a write was cut, would shift all that follows.
    ftruncateSync(file, this.#voiceSamples * BYTES_PER_SAMPLE);
  }

  /** The recording is translated up to here. */
  get doneMs(): number {
    return this.#doneMs;
  }

  addVoice(samples: Int16Array): number {
    const offset = this.#voiceSamples;
    this.#writer.voice(samples);
    this.#voiceSamples += samples.length;
    return offset;
  }

  add(utterance: TranslatedUtterance, doneMs: number): void {
    this.utterances.push(utterance);
    this.#doneMs = doneMs;
    this.#writer.line(utterance, doneMs);
  }

  readVoice(offset: number, length: number): Int16Array {
    const samples = new Int16Array(length);
    const bytes = new Uint8Array(samples.buffer);
    for (let at = 0, read = -1; at < bytes.length && read !== 0; at += read)
      read = readSync(this.#file, bytes, at, bytes.length - at, offset * BYTES_PER_SAMPLE + at);
    return samples;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** A disk that is nearly full takes a part, and tells at the next attempt that there is no room. */
function writeAll(file: number, samples: Int16Array): void {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
