/** What is written of a recording: whole, or not at all. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseWav } from '../../../audio/wav.ts';
import { checkOutputs, writeWav } from '../../../recordings/outputs.ts';

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

it('nothing is left, and nothing replaced, where writing fails', async () => {
  const path = join(folder, 'voice.wav');
  writeFileSync(path, 'as it was');
  const full = () => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  };
  await expect(writeWav(path, 24_000, voice(full))).rejects.toThrow(`${path}: there is no room left on the disk`);
  expect(readdirSync(folder)).toEqual(['voice.wav']);
  expect(readFileSync(path, 'utf8')).toBe('as it was');
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
