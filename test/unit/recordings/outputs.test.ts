/** What is written of a recording: whole, or not at all. */
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseWav } from '../../../audio/wav.ts';
import { checkOutputs, moveOutput } from '../../../recordings/outputs.ts';
import { writeText, writeWav } from '../../../recordings/sound-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* voice(end: () => void = () => {}): AsyncGenerator<Int16Array> {
  yield Int16Array.of(1, 2);
  yield Int16Array.of(3);
  end();
}

it('a WAV file holds what came', async () => {
  const path = join(folder, 'voice.wav');
  expect(await writeWav(path, 24_000, voice())).toBe(3);
  expect(parseWav(readFileSync(path))).toEqual({ samples: Int16Array.of(1, 2, 3), sampleRate: 24_000 });
  expect(readdirSync(folder)).toEqual(['voice.wav']);
});

it('a text file holds every piece', async () => {
  const path = join(folder, 'talk.srt');
  await writeText(path, ['one\n', 'two\n']);
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
});

it('nothing is left where writing fails', async () => {
  const path = join(folder, 'voice.wav');
  const full = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  };
  await expect(writeWav(path, 24_000, voice(full))).rejects.toThrow(`${path}: there is no room left on the disk`);
  expect(readdirSync(folder)).toEqual([]);
});

it('a file that came into being meanwhile is not replaced', async () => {
  const [part, path] = [join(folder, 'part'), join(folder, 'talk.srt')];
  writeFileSync(part, 'new');
  writeFileSync(path, 'as it was');
  await expect(moveOutput(part, path, false)).rejects.toThrow(`${path}: was made by somebody else meanwhile`);
  expect(readFileSync(path, 'utf8')).toBe('as it was');
  await moveOutput(part, path, true);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['talk.srt']);
});

it.each([
  ['a symbolic link', symlinkSync],
  ['a hard link', linkSync],
])('the recording is not replaced by way of %s', async (_kind, link) => {
  const [input, path] = [join(folder, 'talk.wav'), join(folder, 'other.wav')];
  writeFileSync(input, 'speech');
  link(input, path);
  await expect(checkOutputs([path], { input, overwrite: true, bytes: 0 })).rejects.toThrow(
    `${path}: is the recording itself`,
  );
});

it('a link to nowhere is replaced by the translation alone that wrote it', async () => {
  const path = join(folder, 'talk.wav');
  symlinkSync(join(folder, 'nowhere'), path);
  await expect(checkOutputs([path], { input: '/talk.mp4', overwrite: false, bytes: 0 })).rejects.toThrow(
    'exists already',
  );
  await checkOutputs([path], { input: '/talk.mp4', overwrite: false, bytes: 0, isOwn: (own) => own === path });
});

it('a folder that is not there is named', async () => {
  const path = join(folder, 'out', 'talk.wav');
  await expect(checkOutputs([path], { input: '/talk.mp4', overwrite: false, bytes: 0 })).rejects.toThrow(
    `${path}: there is no folder ${join(folder, 'out')}: make it first (mkdir -p ${join(folder, 'out')})`,
  );
});

it('a disk without room for everything is told before anything is written', async () => {
  const path = join(folder, 'voice.wav');
  const options = { input: '/talk.mp4', overwrite: false };
  await checkOutputs([path], { ...options, bytes: 1000 });
  await expect(checkOutputs([path], { ...options, bytes: Number.MAX_SAFE_INTEGER })).rejects.toThrow(
    /voice\.wav: needs about \d+ MB, and the disk has \d+ MB left: make room, or choose another disk$/,
  );
  expect(readdirSync(folder)).toEqual([]);
});
