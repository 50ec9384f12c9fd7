/** Subtitles of a recording in a `<track>`: a browser reads from them what was said, when, and takes none of it for markup. */
import { expect, it, onTestFinished } from 'vitest';
import { type SubtitleUtterance, subtitleCues, vttOf } from '../../recordings/subtitle-cues.ts';
import { launchChromium } from '../support/chromium.ts';

const ORIGIN = 'http://recordings.test';
const utterances: SubtitleUtterance[] = [
  { startMs: 500, endMs: 2500, texts: [{ language: 'es', text: 'Buenos días a todos.' }] },
  {
    startMs: 4000,
    endMs: 6000,
    texts: [
      { language: 'en', text: 'Write <b> & "-->" here.' },
      { language: 'es', text: 'Escriba <b> & "-->" aquí.' },
    ],
  },
  {
    startMs: 8000,
    endMs: 16_000,
    texts: [{ language: 'zh', text: '我们今天早上在这里讨论的是关于翻译的问题。'.repeat(3) }],
  },
  { startMs: 3_661_005, endMs: 3_663_000, texts: [{ language: 'ar', text: 'صباح الخير' }] },
];

it('Chromium reads the cues of a WebVTT file as they were written', async () => {
  const cues = subtitleCues(utterances);
  const files: Record<string, { contentType: string; body: string }> = {
    '/': {
      contentType: 'text/html',
      body: '<!doctype html><meta charset="utf-8"><video><track kind="subtitles" src="talk.es.vtt"></video>',
    },
    '/talk.es.vtt': { contentType: 'text/vtt', body: [...vttOf(cues)].join('') },
  };
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.route(`${ORIGIN}/**`, (route) =>
    route.fulfill(files[new URL(route.request().url()).pathname] ?? { status: 404 }),
  );
  await page.goto(`${ORIGIN}/`);
  const read = await page.locator('track').evaluate(async (element: HTMLTrackElement) => {
    const loaded = new Promise((resolve, reject) => {
      element.addEventListener('load', resolve);
      element.addEventListener('error', () => reject(new Error('the track is not read')));
    });
    element.track.mode = 'hidden';
    await loaded;
    return [...(element.track.cues ?? [])].map((cue) => ({
      startMs: Math.round(cue.startTime * 1000),
      endMs: Math.round(cue.endTime * 1000),
      lines: (cue as VTTCue).getCueAsHTML().textContent?.split('\n'),
    }));
  });
  expect(cues.length).toBeGreaterThan(4);
  expect(read).toEqual(cues);
});
