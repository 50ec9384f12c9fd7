import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import { folderNameOf } from '../../../../server/transcript/room-folder.ts';
import { transcriptOf } from '../../../../server/transcript/transcript.ts';
import { Transcripts, type TranscriptsOptions } from '../../../../server/transcript/transcripts.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { temporaryFolder } from '../../../support/booth-process.ts';
import { caption, playout } from '../../../support/room-messages.ts';

const HOUR_MS = 3_600_000;

class Shelf {
  readonly folder: string;
  /** Later than the computer's clock. */
  lateMs = 0;
  readonly #options: Partial<TranscriptsOptions>;

  constructor(options: Partial<TranscriptsOptions> = {}) {
    this.folder = join(temporaryFolder(), 'transcripts');
    this.#options = options;
  }

  /** A server that starts on the folder. */
  open(): Transcripts {
    const wallMs = () => Date.now() + this.lateMs;
    const transcripts = new Transcripts({
      folder: this.folder,
      retentionMs: 24 * HOUR_MS,
      clock: new FakeClock(),
      wallNow: wallMs,
      log: silentLog,
      ...this.#options,
    });
    transcripts.close();
    return transcripts;
  }

  files(room = 'demo'): string[] {
    const folder = join(this.folder, folderNameOf(room));
    return existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map((name) => join(folder, name))
      : [];
  }

  file(room = 'demo'): string {
    const [only, ...more] = this.files(room);
    expect(more).toEqual([]);
    return only ?? '';
  }
}

const texts = async (transcripts: Transcripts, room = 'demo', meeting?: string): Promise<string[]> =>
  transcriptOf((await transcripts.read(room, meeting)).lines, 'es').map(({ text }) => text);

describe('the store of transcripts', () => {
  it('has a message in the file when the call returns, without being closed', async () => {
    const shelf = new Shelf();
    const recording = shelf.open().record('demo');
    recording?.append('booth', caption('one'));
    expect(readFileSync(shelf.file(), 'utf8')).toContain('texto one');
    expect(await texts(shelf.open())).toEqual(['texto one']);
  });

  it('makes no file before something is said', () => {
    const shelf = new Shelf();
    const recording = shelf.open().record('demo');
    recording?.append('booth', caption('open', { final: false }));
    expect(shelf.files()).toEqual([]);
    expect(existsSync(shelf.folder)).toBe(false);
  });

  it('is nobody else’s to read', () => {
    const shelf = new Shelf();
    shelf.open().record('demo')?.append('booth', caption('one'));
    expect(statSync(shelf.file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(shelf.file(), '..')).mode & 0o777).toBe(0o700);
    expect(statSync(shelf.folder).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['nothing of it', 0],
    ['half of it', 0.5],
    ['all but its line end', 1],
  ])('skips a last line of which %s was written, and goes on after it', async (_what, share) => {
    const shelf = new Shelf();
    shelf.open().record('demo')?.append('booth', caption('one'));
    const torn = JSON.stringify({ from: 'booth', message: caption('torn') });
    appendFileSync(shelf.file(), torn.slice(0, Math.round(torn.length * share)));
    const again = shelf.open();
    const whole = share === 1 ? ['texto torn'] : [];
    expect(await texts(again)).toEqual(['texto one', ...whole]);
    again.record('demo')?.append('booth', caption('two'));
    expect(await texts(again)).toEqual(['texto one', ...whole, 'texto two']);
  });

  it('skips lines that are nothing of its own', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = transcripts.record('demo');
    recording?.append('booth', caption('one'));
    appendFileSync(
      shelf.file(),
      '{"from":"booth"}\nnull\n\u0000\u0000\n{"from":"booth","message":{"type":"status"}}\n',
    );
    recording?.append('booth', caption('two'));
    expect(await texts(transcripts)).toEqual(['texto one', 'texto two']);
  });

  it('goes on with a meeting that was interrupted', async () => {
    const shelf = new Shelf();
    shelf.open().record('demo')?.append('booth', caption('one'));
    shelf.lateMs = HOUR_MS - 60_000;
    const transcripts = shelf.open();
    const recording = transcripts.record('demo');
    recording?.append('booth', caption('two'));
    recording?.interrupt();
    transcripts.record('demo')?.append('booth', caption('three'));
    const { meetings, lines } = await transcripts.read('demo');
    expect(meetings).toHaveLength(1);
    const starts = transcriptOf(lines, 'es').map(({ start }) => start);
    expect(Math.abs((starts[1] ?? 0) - HOUR_MS + 59_000)).toBeLessThan(30_000);
  });

  it('begins another when the last was over, or was interrupted an hour ago', async () => {
    const shelf = new Shelf();
    const first = shelf.open().record('demo');
    first?.append('booth', caption('one'));
    first?.end();
    shelf.lateMs = 1000;
    shelf.open().record('demo')?.append('booth', caption('two'));
    shelf.lateMs = HOUR_MS + 60_000;
    const transcripts = shelf.open();
    transcripts.record('demo')?.append('booth', caption('three'));
    const { meetings } = await transcripts.read('demo');
    expect(meetings).toHaveLength(3);
    expect(await texts(transcripts)).toEqual(['texto three']);
    expect(await texts(transcripts, 'demo', String(meetings[0]))).toEqual(['texto one']);
  });

  it('writes nothing more once the meeting is over', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = transcripts.record('demo');
    recording?.append('booth', caption('one'));
    recording?.end();
    recording?.end();
    recording?.append('booth', caption('two'));
    expect(await texts(transcripts)).toEqual(['texto one']);
    expect(readFileSync(shelf.file(), 'utf8').match(/ended/g)).toHaveLength(1);
  });

  it('keeps rooms apart, also where a file system would not', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    for (const room of ['demo', 'Demo', 'demo.']) transcripts.record(room)?.append('booth', caption(room));
    for (const room of ['demo', 'Demo', 'demo.']) expect(await texts(transcripts, room)).toEqual([`texto ${room}`]);
  });

  it.each(['..', '../../etc/passwd', '', 'a\0b', 'CON', '💬'.repeat(400)])(
    'keeps a room called %j in a folder of its own, within its folder',
    async (room) => {
      const shelf = new Shelf();
      const transcripts = shelf.open();
      transcripts.record(room)?.append('booth', caption('one'));
      expect(await texts(transcripts, room)).toEqual(['texto one']);
      expect(readdirSync(join(shelf.folder, '..'))).toEqual(['transcripts']);
      expect(readdirSync(shelf.folder)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    },
  );

  it('deletes at once, for good, and stops nothing', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = transcripts.record('demo');
    recording?.append('booth', caption('one'));
    transcripts.delete('demo');
    expect(shelf.files()).toEqual([]);
    await expect(transcripts.read('demo')).rejects.toMatchObject({ code: 'notFound' });
    recording?.append('booth', caption('two'));
    recording?.append('booth', playout('two', 'started', 3000));
    expect(await texts(transcripts)).toEqual(['texto two']);
    transcripts.delete('nobody');
  });

  it('deletes what is being read: it is found whole, or not at all', async () => {
    const transcripts = new Shelf().open();
    const recording = transcripts.record('demo');
    for (let n = 0; n < 100; n++) {
      recording?.append('booth', caption('one'));
      const reading = texts(transcripts).catch((error: unknown) => error);
      transcripts.delete('demo');
      const read = await reading;
      if (Array.isArray(read)) expect(read).toEqual(['texto one']);
      else expect(read).toMatchObject({ code: 'notFound' });
    }
  });

  it('deletes earlier meetings too, and of no other room', async () => {
    const shelf = new Shelf();
    const earlier = shelf.open().record('demo');
    earlier?.append('booth', caption('one'));
    earlier?.end();
    const transcripts = shelf.open();
    transcripts.record('other')?.append('booth', caption('other'));
    transcripts.delete('demo');
    expect(shelf.files()).toEqual([]);
    expect(await texts(transcripts, 'other')).toEqual(['texto other']);
  });

  it('deletes by itself what is too old, and only that', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    transcripts.record('old')?.append('booth', caption('one'));
    const recording = transcripts.record('demo');
    recording?.append('booth', caption('young'));
    const longAgo = Date.now() / 1000 - 25 * 3600;
    utimesSync(shelf.file('old'), longAgo, longAgo);
    transcripts.sweep();
    expect(readdirSync(shelf.folder)).toEqual([folderNameOf('demo')]);
    expect(await texts(transcripts)).toEqual(['texto young']);
    utimesSync(shelf.file(), longAgo, longAgo);
    transcripts.sweep();
    expect(readdirSync(shelf.folder)).toEqual([]);
    recording?.append('booth', caption('after'));
    expect(await texts(transcripts)).toEqual(['texto after']);
  });

  it('deletes what is too old when it opens', () => {
    const shelf = new Shelf();
    shelf.open().record('demo')?.append('booth', caption('one'));
    shelf.lateMs = 25 * HOUR_MS;
    shelf.open();
    expect(readdirSync(shelf.folder)).toEqual([]);
  });

  it('keeps nothing at 0 hours, nor what was kept before', async () => {
    const shelf = new Shelf();
    shelf.open().record('demo')?.append('booth', caption('one'));
    const none = new Transcripts({
      folder: shelf.folder,
      retentionMs: 0,
      clock: new FakeClock(),
      wallNow: Date.now,
      log: silentLog,
    });
    none.close();
    expect(none.record('demo')).toBeUndefined();
    expect(readdirSync(shelf.folder)).toEqual([]);
    await expect(none.read('demo')).rejects.toMatchObject({ message: expect.stringMatching(/retentionHours/) });
  });

  it('follows a file that is older than what is kept by another', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = transcripts.record('demo');
    recording?.append('booth', caption('one'));
    shelf.lateMs = 24 * HOUR_MS + 1000;
    recording?.append('booth', caption('two', { start: shelf.lateMs, end: shelf.lateMs + 1000 }));
    expect(shelf.files()).toHaveLength(2);
    const { lines } = await transcripts.read('demo');
    const [entry] = transcriptOf(lines, 'es');
    expect(entry).toMatchObject({ text: 'texto two' });
    expect(entry?.start).toBeLessThan(30_000);
  });

  it('follows a file that is full by another', () => {
    const shelf = new Shelf();
    const first = shelf.open().record('demo');
    first?.append('booth', caption('one'));
    first?.interrupt();
    appendFileSync(shelf.file(), `${'x'.repeat(33_600_000)}\n`);
    const recording = shelf.open().record('demo');
    recording?.append('booth', caption('two'));
    shelf.lateMs = 1000;
    recording?.append('booth', caption('three'));
    expect(shelf.files()).toHaveLength(2);
  });

  it('holds at most 50 meetings of a room, the newest', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    for (let n = 0; n < 55; n++) {
      shelf.lateMs = n * 1000;
      const recording = transcripts.record('demo');
      recording?.append('booth', caption(String(n)));
      recording?.end();
    }
    expect(shelf.files()).toHaveLength(50);
    expect(await texts(transcripts)).toEqual(['texto 54']);
  });

  it('goes on where the disk does, having lost only what came meanwhile', async () => {
    const shelf = new Shelf();
    writeFileSync(shelf.folder, 'no folder');
    const transcripts = shelf.open();
    const recording = transcripts.record('demo');
    recording?.append('booth', caption('lost'));
    rmSync(shelf.folder);
    recording?.append('booth', caption('kept'));
    expect(await texts(transcripts)).toEqual(['texto kept']);
  });

  it('names the meetings that there are, where another is requested', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    transcripts.record('demo')?.append('booth', caption('one'));
    await expect(transcripts.read('demo', '12')).rejects.toMatchObject({ message: expect.stringMatching(/"12"/) });
    await expect(transcripts.read('demo', '../x')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('reads few at once', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    transcripts.record('demo')?.append('booth', caption('one'));
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => transcripts.read('demo')));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBe(16);
    expect(await texts(transcripts)).toEqual(['texto one']);
  });
});
