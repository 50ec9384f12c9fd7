/**
 * What outlives this process of the messages of one webhook endpoint: a file of JSON lines that is appended to as messages come and go.
 * A message outlives a killed process once its promise has resolved to true. The file is written anew, with what still waits alone, where
 * most of it is done with: it does not grow, and does not keep what was delivered.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { WebhookEventType, type WebhookPayload, webhookPayload } from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../time/clock.ts';
import { AppendedFile } from '../transcript/appended-file.ts';
import { isGone } from '../transcript/room-folder.ts';
import type { QueuedMessage, StoredQueue } from './delivery-queue.ts';

/** A file that is smaller is left as it is, whatever is in it. */
const MIN_REWRITTEN_BYTES = 65_536;
/** A file is written anew when it is this many times as large as what waits. */
const MAX_GROWTH = 4;

const Added = z.object({
  id: z.string(),
  payload: z.union(WebhookEventType.options.map((type) => webhookPayload(type))),
});
/** These messages were delivered or given up. */
const Done = z.object({ done: z.array(z.number()) });
/** The number of the next message, and whether the endpoint is disabled. */
const State = z.object({ next: z.number().int().positive(), disabled: z.boolean() });
const AnyLine = z.union([Added, Done, State]);
type JournalLine = z.infer<typeof State> | z.infer<typeof Done> | QueuedMessage;

export interface StoredEndpoint extends StoredQueue {
  disabled: boolean;
}

export interface DeliveryJournalDeps {
  clock: Clock;
  log: Pick<Logger, 'warn' | 'error'>;
}

export class DeliveryJournal {
  readonly #path: string;
  readonly #deps: DeliveryJournalDeps;
  #file: AppendedFile;

  /**
   * Reads what an earlier process has left; lines that are incomplete, or not of Booth's, are skipped.
   *
   * @throws {Error} of the file system where the file is there and cannot be read
   */
  static async open(
    path: string,
    deps: DeliveryJournalDeps,
  ): Promise<{ journal: DeliveryJournal; stored: StoredEndpoint }> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (isGone(error)) return '';
      throw error;
    });
    return { journal: new DeliveryJournal(path, deps), stored: storedIn(text) };
  }

  private constructor(path: string, deps: DeliveryJournalDeps) {
    this.#path = path;
    this.#deps = deps;
    this.#file = this.#openFile();
  }

  /** Resolves to whether the message is written. */
  added({ id, payload }: QueuedMessage): Promise<boolean> {
    return this.#append({ id, payload });
  }

  /**
   * These messages no longer wait.
   *
   * @param waitingBytes what still does: where that is little against the file, `rest` tells it, and the file is written anew
   */
  done(messages: readonly QueuedMessage[], waitingBytes: number, rest: () => StoredEndpoint): void {
    if (this.#file.bytes > Math.max(MIN_REWRITTEN_BYTES, MAX_GROWTH * waitingBytes)) this.rewrite(rest());
    else void this.#append({ done: messages.map(({ payload }) => payload.sequence) });
  }

  /** Writes the file anew, with what still waits alone. */
  rewrite({ next, disabled, messages }: StoredEndpoint): void {
    const lines: JournalLine[] = [{ next, disabled }, ...messages];
    const before = this.#file;
    let isReplaced = false;
    this.#file = this.#openFile(async () => {
      if (isReplaced) return;
      await before.close();
      await replaceFile(this.#path, lines);
      isReplaced = true;
    });
    // The first line makes the file.
    void this.#append({ next, disabled });
  }

  /** Resolves when everything is written, or cannot be. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  #append(line: JournalLine): Promise<boolean> {
    return this.#file.append(line);
  }

  #openFile(prepare: () => Promise<void> = async () => {}): AppendedFile {
    const { clock, log } = this.#deps;
    return new AppendedFile({
      path: this.#path,
      clock,
      prepare,
      onFailing: (error) => log.error({ err: error, path: this.#path }, 'webhook messages cannot be stored'),
      onRecovered: (lost) => log.warn({ path: this.#path, lost }, 'webhook messages are stored again'),
    });
  }
}

/** Deletes what was stored for an endpoint. */
export const removeJournal = (path: string): Promise<void> => rm(path, { force: true });

function storedIn(text: string): StoredEndpoint {
  const messages = new Map<number, QueuedMessage>();
  let next = 1;
  let disabled = false;
  for (const each of text.split('\n')) {
    const line = parseLine(each);
    if (!line) continue;
    if ('payload' in line) {
      const payload = line.payload as WebhookPayload;
      messages.set(payload.sequence, { id: line.id, payload });
      next = Math.max(next, payload.sequence + 1);
    } else if ('done' in line) {
      for (const sequence of line.done) messages.delete(sequence);
      next = Math.max(next, ...line.done.map((sequence) => sequence + 1));
    } else {
      next = Math.max(next, line.next);
      disabled = line.disabled;
    }
  }
  return { next, disabled, messages: [...messages.values()] };
}

function parseLine(text: string): z.infer<typeof AnyLine> | undefined {
  if (text === '') return undefined;
  try {
    return AnyLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function replaceFile(path: string, lines: readonly JournalLine[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
