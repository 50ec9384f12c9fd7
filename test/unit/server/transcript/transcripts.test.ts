import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silentLog } from '../../../../bench/support/silent-log.ts';
import { folderNameOf } from '../../../../server/transcript/room-folder.ts';
import { Transcripts, type TranscriptsOptions } from '../../../../server/transcript/transcripts.ts';
import { FakeClock } from '../../../../time/fake-clock.ts';
import { temporaryFolder } from '../../../support/booth-process.ts';
import { caption, playout } from '../../../support/room-messages.ts';
import { until } from '../../../support/until.ts';

const HOUR_MS = 3_600_000;
const BEGAN = 1_800_000_000_000;

class Shelf {
  readonly folder: string;
  /** Later than the computer's clock. */
  lateMs = 0;
  readonly clock = new FakeClock();
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
      clock: this.clock,
      wallNow: wallMs,
      log: silentLog,
      ...this.#options,
    });
    onTestFinished(() => transcripts.close());
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
  (await transcripts.read(room, 'es', meeting)).entries.map(({ text }) => text);

describe('the store of transcripts', () => {
  it('has a message in the file when its promise resolves, without being closed', async () => {
    const shelf = new Shelf();
    const recording = await shelf.open().record('demo');
    await recording?.append('booth', caption('one'));
    expect(readFileSync(shelf.file(), 'utf8')).toContain('texto one');
    expect(await texts(shelf.open())).toEqual(['texto one']);
  });

  it('makes no file before something is said', async () => {
    const shelf = new Shelf();
    const recording = await shelf.open().record('demo');
    await recording?.append('booth', caption('open', { final: false }));
    expect(shelf.files()).toEqual([]);
    expect(existsSync(shelf.folder)).toBe(false);
  });

  it('is nobody else’s to read', async () => {
    const shelf = new Shelf();
    await (await shelf.open().record('demo'))?.append('booth', caption('one'));
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
    await (await shelf.open().record('demo'))?.append('booth', caption('one'));
    const torn = JSON.stringify({ from: 'booth', message: caption('torn') });
    appendFileSync(shelf.file(), torn.slice(0, Math.round(torn.length * share)));
    const again = shelf.open();
    const whole = share === 1 ? ['texto torn'] : [];
    expect(await texts(again)).toEqual(['texto one', ...whole]);
    await (await again.record('demo'))?.append('booth', caption('two'));
    expect(await texts(again)).toEqual(['texto one', ...whole, 'texto two']);
  });

  it('skips lines that are nothing of its own', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = await transcripts.record('demo');
    await recording?.append('booth', caption('one'));
    appendFileSync(
      shelf.file(),
      '{"from":"booth"}\nnull\n\u0000\u0000\n{"from":"booth","message":{"type":"status"}}\n',
    );
    await recording?.append('booth', caption('two'));
    expect(await texts(transcripts)).toEqual(['texto one', 'texto two']);
  });

  it('goes on with a meeting that was interrupted', async () => {
    const shelf = new Shelf();
    await (await shelf.open().record('demo'))?.append('booth', caption('one'));
    shelf.lateMs = HOUR_MS - 60_000;
    const transcripts = shelf.open();
    const recording = await transcripts.record('demo');
    await recording?.append('booth', caption('two'));
    await recording?.interrupt();
    await (await transcripts.record('demo'))?.append('booth', caption('three'));
    const { meetings, entries } = await transcripts.read('demo', 'es');
    expect(meetings).toHaveLength(1);
    const starts = entries.map(({ start }) => start);
    expect(Math.abs((starts[1] ?? 0) - HOUR_MS + 59_000)).toBeLessThan(30_000);
  });

  it('begins another when the last was over, or was interrupted an hour ago', async () => {
    const shelf = new Shelf();
    const first = await shelf.open().record('demo');
    await first?.append('booth', caption('one'));
    await first?.end();
    shelf.lateMs = 1000;
    await (await shelf.open().record('demo'))?.append('booth', caption('two'));
    shelf.lateMs = HOUR_MS + 60_000;
    const transcripts = shelf.open();
    await (await transcripts.record('demo'))?.append('booth', caption('three'));
    const { meetings } = await transcripts.read('demo', 'es');
    expect(meetings).toHaveLength(3);
    expect(await texts(transcripts)).toEqual(['texto three']);
    expect(await texts(transcripts, 'demo', String(meetings[0]))).toEqual(['texto one']);
  });

  it('writes nothing more once the meeting is over', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = await transcripts.record('demo');
    await recording?.append('booth', caption('one'));
    await recording?.end();
    await recording?.end();
    await recording?.append('booth', caption('two'));
    expect(await texts(transcripts)).toEqual(['texto one']);
    expect(readFileSync(shelf.file(), 'utf8').match(/ended/g)).toHaveLength(1);
  });

  it('keeps rooms apart, also where a file system would not', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    for (const room of ['demo', 'Demo', 'demo.'])
      await (await transcripts.record(room))?.append('booth', caption(room));
    for (const room of ['demo', 'Demo', 'demo.']) expect(await texts(transcripts, room)).toEqual([`texto ${room}`]);
  });

  it.each(['..', '../../etc/passwd', '', 'a\0b', 'CON', '💬'.repeat(400)])(
    'keeps a room called %j in a folder of its own, within its folder',
    async (room) => {
      const shelf = new Shelf();
      const transcripts = shelf.open();
      await (await transcripts.record(room))?.append('booth', caption('one'));
      expect(await texts(transcripts, room)).toEqual(['texto one']);
      expect(readdirSync(join(shelf.folder, '..'))).toEqual(['transcripts']);
      expect(readdirSync(shelf.folder)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    },
  );

  it('deletes at once, for good, and stops nothing', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = await transcripts.record('demo');
    await recording?.append('booth', caption('one'));
    await transcripts.delete('demo');
    expect(shelf.files()).toEqual([]);
    await expect(transcripts.read('demo', 'es')).rejects.toMatchObject({ code: 'notFound' });
    await recording?.append('booth', caption('two'));
    await recording?.append('booth', playout('two', 'started', 3000));
    expect(await texts(transcripts)).toEqual(['texto two']);
    await transcripts.delete('nobody');
  });

  it('deletes what is being read: it is found whole, or not at all', async () => {
    const transcripts = new Shelf().open();
    const recording = await transcripts.record('demo');
    for (let n = 0; n < 100; n++) {
      await recording?.append('booth', caption('one'));
      const reading = texts(transcripts).catch((error: unknown) => error);
      const deleting = transcripts.delete('demo');
      const read = await reading;
      await deleting;
      if (Array.isArray(read)) expect(read).toEqual(['texto one']);
      else expect(read).toMatchObject({ code: 'notFound' });
    }
  });

  it('deletes earlier meetings too, and of no other room', async () => {
    const shelf = new Shelf();
    const earlier = await shelf.open().record('demo');
    await earlier?.append('booth', caption('one'));
    await earlier?.end();
    const transcripts = shelf.open();
    await (await transcripts.record('other'))?.append('booth', caption('other'));
    await transcripts.delete('demo');
    expect(shelf.files()).toEqual([]);
    expect(await texts(transcripts, 'other')).toEqual(['texto other']);
  });

  it('deletes by itself what is too old, and only that', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    await (await transcripts.record('old'))?.append('booth', caption('one'));
    const recording = await transcripts.record('demo');
    await recording?.append('booth', caption('young'));
    const longAgo = Date.now() / 1000 - 25 * 3600;
    utimesSync(shelf.file('old'), longAgo, longAgo);
    await transcripts.sweep();
    expect(readdirSync(shelf.folder)).toEqual([folderNameOf('demo')]);
    expect(await texts(transcripts)).toEqual(['texto young']);
    utimesSync(shelf.file(), longAgo, longAgo);
    await transcripts.sweep();
    expect(readdirSync(shelf.folder)).toEqual([]);
    await recording?.append('booth', caption('after'));
    expect(await texts(transcripts)).toEqual(['texto after']);
  });

  it('deletes what is too old when it opens', async () => {
    const shelf = new Shelf();
    await (await shelf.open().record('demo'))?.append('booth', caption('one'));
    shelf.lateMs = 25 * HOUR_MS;
    await shelf.open().close();
    expect(readdirSync(shelf.folder)).toEqual([]);
  });

  it('keeps nothing at 0 hours, nor what was kept before', async () => {
    const shelf = new Shelf();
    await (await shelf.open().record('demo'))?.append('booth', caption('one'));
    const none = new Transcripts({
      folder: shelf.folder,
      retentionMs: 0,
      clock: new FakeClock(),
      wallNow: Date.now,
      log: silentLog,
    });
    await none.close();
    expect(await none.record('demo')).toBeUndefined();
    expect(readdirSync(shelf.folder)).toEqual([]);
    await expect(none.read('demo', 'es')).rejects.toMatchObject({ message: expect.stringMatching(/retentionHours/) });
  });

  it('tells of a meeting that is over once it can be read, and of none that goes on or in which nothing was said', async () => {
    const ready: Promise<string[]>[] = [];
    const shelf: Shelf = new Shelf({
      onReady: (room, meeting) => void ready.push(texts(transcripts, room, String(meeting))),
    });
    const transcripts = shelf.open();
    await (await transcripts.record('silent'))?.end();
    const interrupted = await transcripts.record('demo');
    await interrupted?.append('booth', caption('one'));
    await interrupted?.interrupt();
    expect(ready).toEqual([]);
    const goesOn = await transcripts.record('demo');
    await goesOn?.append('booth', caption('two'));
    await goesOn?.end();
    await expect.poll(() => Promise.all(ready)).toEqual([['texto one', 'texto two']]);
  });

  it('follows a file that is older than what is kept by another', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    const recording = await transcripts.record('demo');
    await recording?.append('booth', caption('one'));
    shelf.lateMs = 24 * HOUR_MS + 1000;
    await recording?.append('booth', caption('two', { start: shelf.lateMs, end: shelf.lateMs + 1000 }));
    expect(shelf.files()).toHaveLength(2);
    const [entry] = (await transcripts.read('demo', 'es')).entries;
    expect(entry).toMatchObject({ text: 'texto two' });
    expect(entry?.start).toBeLessThan(30_000);
  });

  it('follows a file that is full by another', async () => {
    const shelf = new Shelf();
    const first = await shelf.open().record('demo');
    await first?.append('booth', caption('one'));
    await first?.interrupt();
    appendFileSync(shelf.file(), `${'x'.repeat(33_600_000)}\n`);
    const recording = await shelf.open().record('demo');
    await recording?.append('booth', caption('two'));
    shelf.lateMs = 1000;
    await recording?.append('booth', caption('three'));
    expect(shelf.files()).toHaveLength(2);
  });

  it('holds at most 50 meetings of a room, the newest', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    for (let n = 0; n < 55; n++) {
      shelf.lateMs = n * 1000;
      const recording = await transcripts.record('demo');
      await recording?.append('booth', caption(String(n)));
      await recording?.end();
    }
    expect(shelf.files()).toHaveLength(50);
    expect(await texts(transcripts)).toEqual(['texto 54']);
  });

  it('goes on where the disk does, with what came meanwhile', async () => {
    const shelf = new Shelf();
    writeFileSync(shelf.folder, 'no folder');
    const transcripts = shelf.open();
    const recording = await transcripts.record('demo');
    expect(await recording?.append('booth', caption('one'))).toBe(false);
    expect(await recording?.append('booth', caption('two'))).toBe(false);
    rmSync(shelf.folder);
    shelf.clock.advance(2000);
    await until(() => recording?.isFailing === false);
    expect(await recording?.append('booth', caption('three'))).toBe(true);
    expect(await texts(transcripts)).toEqual(['texto one', 'texto two', 'texto three']);
  });

  it('says so once when the disk is full, and once when there is room again', async () => {
    const shelf = new Shelf({ wallNow: () => BEGAN, retentionMs: 2 * BEGAN });
    const transcripts = shelf.open();
    const file = join(shelf.folder, folderNameOf('demo'), `${BEGAN}.jsonl`);
    mkdirSync(join(file, '..'), { recursive: true });
    // Every write to this device fails with ENOSPC.
    symlinkSync('/dev/full', file);
    const recording = await transcripts.record('demo');
    const told: boolean[] = [];
    recording?.onFailing((isFailing) => told.push(isFailing));
    for (const utterance of ['one', 'two', 'three'])
      expect(await recording?.append('booth', caption(utterance))).toBe(false);
    shelf.clock.advance(2000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toEqual([true]);
    rmSync(file);
    shelf.clock.advance(2000);
    await until(() => told.length > 1);
    expect(told).toEqual([true, false]);
    expect(await texts(transcripts)).toEqual(['texto one', 'texto two', 'texto three']);
  });

  it('names the meetings that there are, where another is requested', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    await (await transcripts.record('demo'))?.append('booth', caption('one'));
    await expect(transcripts.read('demo', 'es', '12')).rejects.toMatchObject({
      message: expect.stringMatching(/"12"/),
    });
    await expect(transcripts.read('demo', 'es', '../x')).rejects.toMatchObject({ code: 'notFound' });
  });

  it('reads few at once', async () => {
    const shelf = new Shelf();
    const transcripts = shelf.open();
    await (await transcripts.record('demo'))?.append('booth', caption('one'));
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => transcripts.read('demo', 'es')));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBe(16);
    expect(await texts(transcripts)).toEqual(['texto one']);
  });
});
