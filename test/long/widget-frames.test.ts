/** `<booth-captions>` keeps up with people who talk fast: no frame is late, and memory does not grow. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { embed, live, Meeting } from '../support/captions-meeting.ts';
import { startTalking, type Watched, watchCaptions } from '../support/captions-page.ts';
import { watchFrames } from '../support/frames.ts';
import { servePages } from '../support/served-pages.ts';

const here = servePages({ chromium: { args: ['--enable-precise-memory-info', '--js-flags=--expose-gc'] } });

describe('at 50 updates a second', () => {
  const SECONDS = 30;

  it.each(['lines="4"', 'history'])(
    'with %s no frame is late, memory does not grow, and no text shrinks while it is said',
    async (attributes) => {
      const meeting = await Meeting.begin(here);
      const { page } = await embed(here, meeting.tag(`language="es" ${attributes}`));
      await live(page);
      // The memory of what was said is full from the beginning.
      for (let n = 0; n < 220; n++) meeting.says(`Frase ${n}.`, { utterance: `${n}`, final: true });
      const talk = startTalking(meeting);
      onTestFinished(() => talk.stop());
      await page.waitForTimeout(3_000);
      await page.evaluate(watchCaptions);
      const watched = () => page.evaluate(() => (globalThis as unknown as Watched).watched());
      // Memory is measured between the halves, for that takes a frame's time itself.
      const half = async () => {
        const framesSeen = await watchFrames(here.browser, page);
        await page.waitForTimeout(SECONDS * 500);
        return framesSeen();
      };
      const first = await half();
      const { heapBytes } = await watched();
      const second = await half();
      const seen = await watched();
      const grownBytes = seen.heapBytes - heapBytes;
      talk.stop();
      console.info(
        `widget at 50 updates a second, ${attributes}:`,
        JSON.stringify({ first, second, ...seen, grownBytes, sent: talk.sent() }),
      );
      expect(talk.sent()).toBeGreaterThan(SECONDS * 45);
      expect(seen.utterances).toBeGreaterThan(SECONDS / 3);
      expect(seen.shrunk).toEqual([]);
      const frames = first.frames + second.frames;
      // How many a computer shows depends on what else it does; too few would say nothing about their cost.
      expect(frames).toBeGreaterThan(SECONDS * 5);
      // None on a quiet computer; a page of memory that the system fetches back costs the same thread now and then.
      expect(first.costly + second.costly).toBeLessThanOrEqual(frames / 1000);
      expect(grownBytes).toBeLessThan(200_000);
    },
  );
});
