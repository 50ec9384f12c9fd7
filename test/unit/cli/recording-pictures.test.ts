/** Which frames of a video are worth a picture. */
import { lumaThumbnailOf } from '@mediasoup-booth/interpreter/livetranslate';
import { describe, expect, it } from 'vitest';
import { FrameChoice } from '../../../cli/recording-pictures.ts';

const SIZE = { width: 320, height: 180 };
const FRAME_EVERY_MS = 2000;

/** The thumbnail of a white page with a black box. */
async function page(boxAt?: number) {
  const pixels = Buffer.alloc(SIZE.width * SIZE.height * 3, 255);
  for (let y = 20; boxAt !== undefined && y < 140; y++)
    pixels.fill(0, (y * SIZE.width + boxAt) * 3, (y * SIZE.width + boxAt + 80) * 3);
  return lumaThumbnailOf(pixels, SIZE);
}

/** When a picture is taken of frames that are looked at every two seconds. */
async function takenAt(boxes: readonly (number | undefined)[], choice = new FrameChoice()): Promise<number[]> {
  const taken: number[] = [];
  for (const [i, box] of boxes.entries())
    if (choice.choose(await page(box), i * FRAME_EVERY_MS)) taken.push((i * FRAME_EVERY_MS) / 1000);
  return taken;
}

describe('the pictures of a video', () => {
  it('are the first frame, and no other of what stands still', async () => {
    expect(await takenAt([10, 10, 10, 10, 10, 10])).toEqual([0]);
  });

  it('are each new slide at once, however soon it comes', async () => {
    expect(await takenAt([10, 10, 10, 100, 200, 200, 200])).toEqual([0, 6, 8]);
  });

  it('are a slide that comes back', async () => {
    expect(await takenAt([10, 10, 150, 150, 10, 10])).toEqual([0, 4, 8]);
  });

  it('are one in five seconds at most of what moves all the time', async () => {
    const choice = new FrameChoice();
    const boxes = Array.from({ length: 40 }, (_, i) => (i * 60) % 240);
    const taken = (await takenAt(boxes, choice)).filter((seconds) => seconds > 16);
    expect(choice.source).toBe('camera');
    expect(taken.length).toBeGreaterThan(5);
    for (const [i, seconds] of taken.entries())
      if (i > 0) expect(seconds - (taken[i - 1] ?? 0)).toBeGreaterThanOrEqual(5);
  });

  it('are a screen again once what moved stands still', async () => {
    const choice = new FrameChoice();
    const moving = Array.from({ length: 12 }, (_, i) => (i * 60) % 240);
    await takenAt([...moving, ...Array<number>(9).fill(30)], choice);
    expect(choice.source).toBe('screen');
  });
});
