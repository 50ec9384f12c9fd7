/**
 * Machine translation with Apertium: one pipeline of processes, kept running and shared by all speakers. Sentences go in, and their
 * translations come out in the same order.
 *
 * A sentence takes at most 10 s, and at most 64 wait. If the pipeline dies or is late, the sentences that wait fail, and the next
 * sentence starts a new pipeline.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import { StageError, type Translator } from './stages.ts';

const ANSWER_WITHIN_MS = 10_000;
const MAX_WAITING = 64;
const MAX_SENTENCE_CHARACTERS = 4000;
const MAX_ANSWER_CHARACTERS = 32_768;

export interface ApertiumOptions {
  /** The text of the pair's `.mode` file. */
  mode: string;
  env: Readonly<Record<string, string>>;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
}

interface Waiting {
  resolve(translation: string): void;
  reject(error: StageError): void;
  cancelDeadline(): void;
}

type Pipeline = ChildProcessByStdio<Writable, Readable, Readable>;

/** Kills the pipeline's process group when this process is gone, which holds the other end of descriptor 3: also stages that hang. */
const END_WITH_PARENT = '{ read -r _; kill -KILL 0; } <&3 &';

export class Apertium implements Translator {
  readonly #options: ApertiumOptions;
  readonly #command: string;
  readonly #waiting: Waiting[] = [];
  #pipeline: Pipeline | undefined;
  #answer = '';
  #closed = false;

  constructor(options: ApertiumOptions) {
    this.#options = options;
    this.#command = pipelineOf(options.mode);
  }

  translate(sentence: string): Promise<string> {
    if (this.#closed) return Promise.reject(failure('is closed'));
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(failure('has too much to do'));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#pipeline ??= this.#start();
    const pipeline = this.#pipeline;
    const cancelDeadline = this.#options.clock.after(ANSWER_WITHIN_MS, () =>
      this.#lost(pipeline, 'did not answer in time'),
    );
    this.#waiting.push({ resolve, reject, cancelDeadline });
    pipeline.stdin.write(request(sentence));
    return promise;
  }

  close(): void {
    this.#closed = true;
    if (this.#pipeline) this.#lost(this.#pipeline, 'is closed');
  }

  #start(): Pipeline {
    const pipeline = spawn('/bin/sh', ['-c', `${END_WITH_PARENT} ${this.#command}`], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: this.#options.env,
      // A process group of its own, so that all of its processes can be ended at once.
      detached: true,
    });
    pipeline.stdout.setEncoding('utf8');
    pipeline.stdout.on('data', (text: string) => this.#read(pipeline, text));
    pipeline.stderr.resume();
    pipeline.on('error', (error) => this.#lost(pipeline, `cannot start: ${error.message}`));
    pipeline.on('exit', () => this.#lost(pipeline, 'ended unexpectedly'));
    // A failed write is followed by the end of the pipeline.
    for (const stream of pipeline.stdio) stream?.on('error', () => {});
    return pipeline;
  }

  #read(pipeline: Pipeline, text: string): void {
    if (pipeline !== this.#pipeline) return;
    const [first = '', ...others] = (this.#answer + text).split('\0');
    this.#answer = others.pop() ?? first;
    if (text.includes('\0')) for (const answer of [first, ...others]) this.#resolveNext(answer);
    if (this.#answer.length > MAX_ANSWER_CHARACTERS) this.#lost(pipeline, 'sent an answer that does not end');
  }

  #resolveNext(answer: string): void {
    const next = this.#waiting.shift();
    next?.cancelDeadline();
    next?.resolve(translationIn(answer));
  }

  #lost(pipeline: Pipeline, how: string): void {
    if (pipeline !== this.#pipeline) return;
    this.#pipeline = undefined;
    this.#answer = '';
    endGroup(pipeline);
    if (!this.#closed) this.#options.log.warn({ reason: how }, 'translator lost');
    for (const { reject, cancelDeadline } of this.#waiting.splice(0)) {
      cancelDeadline();
      reject(failure(how));
    }
  }
}

const failure = (how: string): StageError => new StageError('translator', `The translator (Apertium) ${how}.`);

function endGroup({ pid }: Pipeline): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended already.
  }
}

/**
 * The shell command of the language pair's pipeline: the last line of its `.mode` file, with every stage flushing at a NUL. (`apertium -z`
 * opens /dev/stdin, which fails if that is a socket.) The last stage ends if any stage before it ends, and then kills the others.
 */
export function pipelineOf(mode: string): string {
  const line = mode.trim().split('\n').at(-1) ?? '';
  // $1: generate without marks on unknown words. $2: options of the tagger, none here.
  const stages = line.replaceAll('$1', '-n').replaceAll('$2', '').split('|');
  const flushing = stages.map((stage) => stage.trim().replace(/^\S+/, '$& -z'));
  const last = flushing.pop() ?? '';
  return [...flushing, `{ ${last}; kill -KILL 0; }`].join(' | ');
}

/** The sentence without characters that are markup for Apertium; `[]` and a NUL flush it. */
const request = (sentence: string): string =>
  `${sentence.slice(0, MAX_SENTENCE_CHARACTERS).replace(/[[\]{}^$\\@<>*/\0]/g, ' ')}[]\n\0`;

/** The translation without Apertium's marks on words that it did not know or could not inflect. */
export const translationIn = (answer: string): string =>
  answer
    .replaceAll('[]', '')
    .replace(/[*#@]/g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;:?!])/g, '$1')
    .trim();
