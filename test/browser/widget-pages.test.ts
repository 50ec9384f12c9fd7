/** The pages that are nothing but captions: an overlay, and one for a phone in the hall. */
import { describe, expect, it } from 'vitest';
import { live, Meeting, open, reads } from '../support/captions-meeting.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const here = servePages();

describe('a page that is nothing but captions', () => {
  it('lies over what is below, and takes the token out of the address', async () => {
    const meeting = await Meeting.begin(here);
    const { page, complaints } = await open(
      here,
      `${here.server.url}/overlay/${meeting.room}?language=es&lines=3#${meeting.token}`,
    );
    await live(page);
    expect(page.url()).toBe(`${here.server.url}/overlay/${meeting.room}?language=es&lines=3`);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgba(0, 0, 0, 0)');
    await page.locator('booth-captions .box').waitFor({ state: 'hidden' });
    meeting.says('Hola a todos.', { final: true });
    await reads(page).toEqual(['Hola a todos.']);
    expect(await page.getByRole('button').count()).toBe(0);
    await page.reload();
    await reads(page).toEqual(['Hola a todos.']);
    expect(complaints).toEqual([]);
  });

  it.each(['overlay', 'listen'])('/%s says why a wrong token is wrong, and forgets it', async (path) => {
    const { page } = await open(here, `${here.server.url}/${path}/${here.room}?language=es#eyJ.wrong.token`);
    await page.locator('booth-captions [part~="ended"]').waitFor();
    expect(await page.evaluate((key) => sessionStorage.getItem(key), `booth.captions ${here.room}`)).toBeNull();
  });

  it('/listen says that a language is not translated into, until another is chosen', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await open(here, `${here.server.url}/listen/${meeting.room}?language=fr#${meeting.token}`);
    const note = page.getByText('There is no translation into French here: only what is said in it is shown.');
    await note.waitFor();
    await page.getByLabel('Language', { exact: true }).selectOption('es');
    await note.waitFor({ state: 'detached' });
  });

  it('fills a phone, in Arabic from right to left, with an invite', async () => {
    const meeting = await Meeting.begin(here);
    const { fragment } = here.guest(['subscribe']);
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const { page, complaints } = await open(
      here,
      `${here.server.url}/listen/${here.room}?language=ar#${fragment}`,
      phone,
    );
    await live(page);
    meeting.says('ننهي WebRTC 2.0 اليوم.', { language: 'ar', final: true });
    await reads(page).toEqual(['ننهي WebRTC 2.0 اليوم.']);
    const line = page.locator('booth-captions .line');
    expect(await line.evaluate((element) => getComputedStyle(element).direction)).toBe('rtl');
    expect(await line.locator('bdi').allTextContents()).toEqual(['WebRTC 2.0']);
    const box = await page.locator('booth-captions .box').boundingBox();
    expect(box?.width).toBe(390);
    expect(box?.height).toBeGreaterThan(600);
    await page.getByLabel('Language', { exact: true }).selectOption('es');
    await expect.poll(() => page.url(), PATIENCE).toContain('language=es');
    expect(complaints).toEqual([]);
  });
});
