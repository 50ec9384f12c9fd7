/**
 * Keeps what is translated of a recording while it comes, in a folder next to what will be written: so that nothing is paid for twice
 * where a translation is stopped, by whatever. Each line is whole or ignored, and voices are written before the line that names them.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandError } from './errors.ts';
import { fileProblem, isFileError } from './files.ts';
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

/** Writes to the files of a journal. @throws {CommandError} where there is no room, say */
interface JournalWriter {
  voice(samples: Int16Array): void;
  line(utterance: TranslatedUtterance, doneMs: number): void;
}

const BYTES_PER_SAMPLE = 2;

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

  /** @throws {CommandError} where it cannot be written, is of something else, or is there and shall neither be resumed nor overwritten */
  constructor(folder: string, subject: JournalSubject, { resume, overwrite }: JournalOptions) {
    this.folder = folder;
    this.#file = join(folder, 'journal.jsonl');
    const isThere = existsSync(this.#file);
    if (isThere && !resume && !overwrite)
      throw new CommandError(
        `${folder}: a translation was stopped here: go on with --resume, or begin anew with --overwrite`,
      );
    if (resume && !isThere) throw new CommandError(`${folder}: there is nothing to go on with: leave --resume out`);
    this.#withFileErrors(() => {
      if (!resume) rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      if (!resume) appendFileSync(this.#file, `${JSON.stringify(subject)}\n`);
    });
    const lines = resume ? this.#read(subject) : [];
    // It ends the last line, where writing that was cut.
    if (resume) this.#withFileErrors(() => appendFileSync(this.#file, '\n'));
    for (const target of subject.targets) {
      const own = lines.filter((line) => line.target === target);
      const file = this.#withFileErrors(() => openSync(join(folder, `voice.${target}.s16`), 'a+'));
      this.#targets.set(target, new JournalTarget(file, own, this.#writerOf(target, file)));
    }
  }

  target(language: string): JournalTarget {
    const target = this.#targets.get(language);
    if (!target) throw new Error(`the journal has no ${language}`);
    return target;
  }

  /** Closes its files, which stay. */
  close(): void {
    for (const target of this.#targets.values()) target.close();
    this.#targets.clear();
  }

  /** Everything is written: nothing is left to go on with. */
  remove(): void {
    this.close();
    rmSync(this.folder, { recursive: true, force: true });
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

  #read(subject: JournalSubject): Line[] {
    const [first = '', ...rest] = readFileSync(this.#file, 'utf8').split('\n');
    const kept = Subject.safeParse(parsed(first)).data;
    if (JSON.stringify(kept) !== JSON.stringify(subject))
      throw new CommandError(
        `${this.folder}: what was stopped here was another translation: use the same recording and options, or begin anew with --overwrite`,
      );
    return rest.flatMap((line) => Line.safeParse(parsed(line)).data ?? []);
  }

  #withFileErrors<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw isFileError(error) ? new CommandError(fileProblem(this.folder, error)) : error;
    }
  }
}

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
    readSync(this.#file, samples, 0, samples.byteLength, offset * BYTES_PER_SAMPLE);
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
