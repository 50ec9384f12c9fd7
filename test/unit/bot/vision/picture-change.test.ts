import { describe, expect, it } from 'vitest';
import { background, cursor, head, jpegOf, line, rect, slide } from '../../../../bench/support/slides.ts';
import { hasChanged, lumaThumbnailOf } from '../../../../bot/vision/picture-change.ts';

const text = slide(line(80, 4, 36), line(200, 8), line(250, 7), line(300, 8));
const camera = (x: number, mouth: number): string =>
  background('#556') +
  `<ellipse cx="${x}" cy="330" rx="150" ry="200" fill="#dba"/><rect x="${x - 250}" y="520" width="500" height="200" fill="#234"/>` +
  `<ellipse cx="${x}" cy="430" rx="50" ry="${mouth}" fill="#822"/>`;

const seen = async (picture: string, quality?: number) => lumaThumbnailOf(await jpegOf(picture, quality));
const changed = async (source: 'screen' | 'camera', before: string, now: string) =>
  hasChanged(source, await seen(before), await seen(now, 80));

describe('a screen', () => {
  it.each([
    ['the next slide', slide(line(80, 5, 36), line(230, 3), line(400, 8))],
    ['one more line', text + line(350, 6)],
    ['one line less', slide(line(80, 4, 36), line(200, 8), line(250, 7))],
    ['a picture beside the text', text + rect(760, 220, 360, 260, '#58c')],
    ['another background', `${background('#123')}${line(80, 4, 36)}`],
    ['one more line beside a talking head', text + head(940, 520, 9) + line(350, 6)],
  ])('has changed with %s', async (_, now) => {
    expect(await changed('screen', text, now)).toBe(true);
  });

  it.each([
    ['nothing but another encoding', text, text],
    ['a cursor that moves', text + cursor(300, 500), text + cursor(900, 210)],
    ['a cursor that goes over text', text + cursor(300, 205), text + cursor(560, 255)],
    ['a talking head in a corner', text + head(940, 520, 0), text + head(940, 520, 16)],
    ['a talking head in another, and a cursor', text + head(940, 20, 0), text + head(940, 20, -14) + cursor(400, 500)],
    ['a clock', text + rect(1180, 690, 20, 14, '#222'), text + rect(1200, 690, 20, 14, '#222')],
  ])('has not changed with %s', async (_, before, now) => {
    expect(await changed('screen', before, now)).toBe(false);
  });
});

describe('the picture of a camera', () => {
  it('has changed when somebody moves, or another person appears', async () => {
    expect(await changed('camera', camera(640, 10), camera(780, 10))).toBe(true);
    expect(await changed('camera', camera(640, 10), background('#556'))).toBe(true);
  });

  it('has not changed when only noise or a mouth has', async () => {
    expect(await changed('camera', camera(640, 10), camera(640, 10))).toBe(false);
    expect(await changed('camera', camera(640, 6), camera(640, 30))).toBe(false);
  });
});
