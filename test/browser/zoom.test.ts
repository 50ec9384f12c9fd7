/** The meeting page at 400 % zoom (WCAG 1.4.10), where a desktop's screen has 320 by 200 or 256 CSS pixels, and on small phones. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { Meeting } from '../support/captions-meeting.ts';
import { captions, joinPage } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const here = servePages();
/** Where pictures of the pages are put for whoever wants to look; none are taken without it. */
const folder = process.env.TEST_PICTURES;

const SENTENCES = ['Tenemos que terminar el informe antes del viernes.', 'Después hablamos del presupuesto.'];

/** The page of somebody who reads Spanish, in a room where something has been said. */
async function reading(width: number, height: number): Promise<Page> {
  const meeting = await Meeting.begin(here);
  const context = await here.somebody({ viewport: { width, height } });
  const page = await joinPage(context, here.visit('Ana', { fragment: 'read=es' }));
  for (const [index, sentence] of SENTENCES.entries()) {
    meeting.says(`We said ${index}.`, { utterance: `o${index}`, kind: 'original', language: 'en', final: true });
    meeting.says(sentence, { utterance: `t${index}`, sourceUtterance: `o${index}`, final: true });
  }
  await expect.poll(() => captions(page).allTextContents(), PATIENCE).toEqual(expect.arrayContaining(SENTENCES));
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** Runs in the page: how much of the last caption, and of a control, is in the window. */
function shownIn(): { lastCaption: number; captionsHeight: number; overflow: number; scrolls: boolean; leave: number } {
  const meeting = document.querySelector('booth-page')?.shadowRoot?.querySelector('booth-meeting')?.shadowRoot;
  const list = meeting?.querySelector('booth-caption-list');
  const lastLine = [...(list?.shadowRoot?.querySelectorAll('.line') ?? [])].at(-1);
  const leave = [...(meeting?.querySelector('booth-bar')?.shadowRoot?.querySelectorAll('button') ?? [])].at(-1);
  const ground = list?.getBoundingClientRect();
  /** The share of an element's height that is inside the window and inside its list. */
  const share = (element: Element | undefined, within: DOMRect | undefined) => {
    const box = element?.getBoundingClientRect();
    if (!box) return 0;
    const top = Math.max(box.top, within?.top ?? 0, 0);
    const bottom = Math.min(box.bottom, within?.bottom ?? innerHeight, innerHeight);
    return Math.max(0, bottom - top) / box.height;
  };
  const { scrollWidth, scrollHeight, clientWidth, clientHeight } = document.documentElement;
  return {
    lastCaption: share(lastLine, ground),
    captionsHeight: Math.round(ground?.height ?? 0),
    overflow: scrollWidth - clientWidth,
    scrolls: scrollHeight > clientHeight,
    leave: share(leave, undefined),
  };
}

/** Three lines of captions and their ground. */
const READABLE_PX = 108;

describe('at 400 % zoom', () => {
  it.each([
    [320, 256],
    [320, 200],
    [480, 270],
  ])('%d by %d pixels show the captions, and scroll to everything else', async (width, height) => {
    const page = await reading(width, height);
    await picture(page, `zoom-${width}x${height}`);
    const first = await page.evaluate(shownIn);
    expect(first).toMatchObject({ lastCaption: 1, overflow: 0, scrolls: true });
    expect(first.captionsHeight).toBeGreaterThanOrEqual(READABLE_PX);
    const leave = page.getByRole('button', { name: 'Leave' });
    await leave.scrollIntoViewIfNeeded();
    expect((await page.evaluate(shownIn)).leave).toBe(1);
    await picture(page, `zoom-${width}x${height}-below`);
    await page.keyboard.press('t');
    const transcript = page.locator('booth-transcript');
    await transcript.getByText('Después hablamos').scrollIntoViewIfNeeded();
    await picture(page, `zoom-${width}x${height}-transcript`);
    await transcript.getByRole('button', { name: 'Close' }).click();
    await leave.click();
    await page.locator('booth-lobby').waitFor();
  });

  it('a panel has the whole screen', async () => {
    const page = await reading(320, 256);
    await page.getByRole('button', { name: 'Settings' }).click();
    const panel = await page.locator('booth-bar #settings').boundingBox();
    await picture(page, 'zoom-320x256-panel');
    expect(panel?.y).toBeGreaterThanOrEqual(0);
    expect(panel?.height).toBeGreaterThan(180);
  });
});

describe('on a small phone', () => {
  it.each([
    [568, 320],
    [320, 568],
  ])('%d by %d pixels show captions and controls together', async (width, height) => {
    const page = await reading(width, height);
    await picture(page, `phone-${width}x${height}`);
    const shown = await page.evaluate(shownIn);
    expect(shown).toMatchObject({ lastCaption: 1, overflow: 0, scrolls: false, leave: 1 });
    expect(shown.captionsHeight).toBeGreaterThanOrEqual(READABLE_PX);
  });
});
