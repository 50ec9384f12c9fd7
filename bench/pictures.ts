/**
 * Measures what the pictures of a talk with slides cost, relative to sending two per second: slides change, the cursor moves and a talking
 * head is in a corner. The time is fake, but the pictures are really compared.
 */

import { lumaThumbnailOf } from '../bot/vision/picture-change.ts';
import { type KeyFrameSource, Vision } from '../bot/vision/vision.ts';
import { Random } from '../engine/scripted/random.ts';
import { FakeClock } from '../time/fake-clock.ts';
import type { Bench } from './bench.ts';
import { cursor, head, jpegOf, line, slide } from './support/slides.ts';
import { person } from './support/views.ts';

const MINUTES = 10;
const STEP_MS = 500;
/** The most pictures per second that the service accepts. */
const MAX_PER_SECOND = 2;
/** The bit rate of an encoder while only the head moves, and the bytes of a new slide. */
const CALM_BYTES_PER_MS = 6;
const SLIDE_BYTES = 60_000;
/** The shortest and longest time for which a slide is shown. */
const SHOWN_MS = [8_000, 60_000] as const;

export const picturesBench: Bench = {
  key: 'pictures',
  about: 'money for pictures of a talk over slides, against two a second; slides that the service never saw',
  repetitions: 3,
  run: (repetition) => talk(repetition + 1),
};

async function talk(seed: number): Promise<Record<string, number>> {
  const clock = new FakeClock();
  const show = new SlideShow(new Random(seed), clock);
  const seen = new Set<number>();
  let sent = 0;
  const session = {};
  const screen = { id: 'slides', kind: 'video', source: 'screen', paused: false } as const;
  const pictures = new Vision({
    mode: 'onChange',
    participants: new Map([['ann', person('ann', { producers: [screen] })]]),
    openKeyFrameSource: () => show,
    imageSinksOf: () => [
      { session, sentAudioMs: clock.now(), sendImage: () => ++sent > 0 && seen.add(show.number).size > 0 },
    ],
    isAffordable: () => true,
    clock,
    onFailed: (error) => {
      throw error;
    },
  });
  pictures.setSpeaking('ann', true);
  for (let passed = 0; passed < MINUTES * 60_000; passed += STEP_MS) {
    show.advance();
    clock.advance(STEP_MS);
    await show.taken;
    // After the picture was taken, `Vision` compares and sends it within a few microtasks.
    for (let i = 0; i < 4; i++) await Promise.resolve();
  }
  pictures.close();
  return { ratio: sent / (MAX_PER_SECOND * 60 * MINUTES), missed: show.number - seen.size, slides: show.number };
}

class SlideShow implements KeyFrameSource {
  number = 0;
  taken: Promise<unknown> = Promise.resolve();
  readonly #random: Random;
  readonly #clock: FakeClock;
  #lines = '';
  #dueMs = 0;
  #bytes = 0;

  constructor(random: Random, clock: FakeClock) {
    this.#random = random;
    this.#clock = clock;
  }

  /** Advances by a step of time; shows the next slide when it is due. */
  advance(): void {
    this.#bytes += STEP_MS * CALM_BYTES_PER_MS;
    if (this.#clock.now() < this.#dueMs) return;
    this.number++;
    this.#bytes += SLIDE_BYTES;
    this.#dueMs = this.#clock.now() + this.#random.between(...SHOWN_MS);
    const lines = Math.round(this.#random.between(2, 6));
    this.#lines = [
      line(80, Math.round(this.#random.between(2, 6)), 36),
      ...Array.from({ length: lines }, (_, i) => line(200 + 50 * i, Math.round(this.#random.between(3, 8)))),
    ].join('');
  }

  capture() {
    const headOffset = this.#random.between(-16, 16);
    const [x, y] = [this.#random.between(100, 900), this.#random.between(100, 600)];
    const picture = slide(this.#lines, head(940, 520, headOffset), cursor(x, y));
    const taken = jpegOf(picture).then(async (jpeg) => ({ jpeg, thumbnail: await lumaThumbnailOf(jpeg) }));
    this.taken = taken;
    return taken;
  }

  async sentBytes(): Promise<number> {
    return this.#bytes;
  }

  close(): void {}
}
