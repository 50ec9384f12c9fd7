/** Files that go with speech: terms and pictures. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../../../cli/errors.ts';
import { readHotwords, readPicture } from '../../../cli/session-context.ts';
import { offline, qwen3 } from '../../../config/models.ts';
import { jpegSize } from '../../../images/jpeg-size.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('hotwords', () => {
  it.each([
    ['YAML', 'booth: cabina\n"jitter buffer": memoria\n# a comment\n5G: cinco G\nno: "no"\n'],
    ['JSON', '{"booth": "cabina", "jitter buffer": "memoria", "5G": "cinco G", "no": "no"}'],
  ])('are read from %s', async (_what, text) => {
    expect(await readHotwords(file('terms', text), qwen3)).toEqual({
      booth: 'cabina',
      'jitter buffer': 'memoria',
      '5G': 'cinco G',
      no: 'no',
    });
  });

  it.each([
    ['nothing', '', 'needs lines of "term: translation"'],
    ['a list', '- booth\n- cabina\n', 'needs lines of "term: translation"'],
    ['a text', 'booth', 'needs lines of "term: translation"'],
    ['broken YAML', 'booth: [cabina\n', 'line 2'],
    ['a term twice', 'booth: cabina\nbooth: puesto\n', 'line 2'],
    ['a number', 'booth: cabina\nagenda: 2030\n', 'The hotword "agenda" has no translation in words'],
    ['nothing said', 'booth:\n', 'The hotword "booth" has no translation in words'],
    ['a nested map', 'booth:\n  es: cabina\n', 'The hotword "booth" has no translation in words'],
    ['too many', Array.from({ length: 1001 }, (_, i) => `t${i}: x`).join('\n'), '1001 hotwords are too many'],
  ])('with %s are refused with the name of the file and the entry', async (_what, text, message) => {
    const path = file('terms.yaml', text);
    const error = await readHotwords(path, qwen3).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toContain(`${path}: `);
    expect((error as CommandError).message).toContain(message);
    expect((error as CommandError).message).not.toContain('\n');
  });

  it('are refused where the file is missing', async () => {
    await expect(readHotwords(join(folder, 'none'), qwen3)).rejects.toThrow('none: there is no such file');
  });
});

describe('a picture', () => {
  it.each([qwen3, offline])('is converted to a JPEG that the model takes', async (model) => {
    const png = await sharp({ create: { width: 2400, height: 1350, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    expect(jpegSize(await readPicture(file('slide.png', png), model))).toEqual({ width: 1920, height: 1080 });
  });

  it('is refused with its name where it is no picture', async () => {
    const path = file('slide.png', 'hello');
    const error = await readPicture(path, qwen3).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).message).toBe(
      `${path}: not a picture that can be read: PNG, JPEG and WebP are taken`,
    );
  });
});
