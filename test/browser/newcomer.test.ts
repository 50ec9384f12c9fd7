/** What somebody meets who comes for the first time: with a phone, in a language written from the right, at a wrong address. */
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { TestBooth } from '../support/booth.ts';
import { joinPage, openLobby } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const phone = { viewport: { width: 390, height: 844 } };

const here = servePages({ retentionHours: 24 });
const { somebody, visit, joins } = here;

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error('this is not shown');
  return box;
}

describe('a panel', () => {
  it.each([
    ['a phone', phone.viewport],
    ['a small window at 200 %', { width: 640, height: 400 }],
  ])('stays within the page on %s, however much it has to say', async (_on, viewport) => {
    const page = await joinPage(await somebody({ viewport }), visit('Jane'));
    await page.locator('booth-interpretation button').first().click();
    await page.locator('booth-host').waitFor();
    const box = await boxOf(page.locator('booth-interpretation #panel'));
    expect(box.y).toBeGreaterThanOrEqual(0);
    expect(box.y + box.height).toBeLessThanOrEqual((await boxOf(page.locator('booth-bar'))).y);
  });
});

describe('what was said', () => {
  it.each(['en-US', 'ar'])('is closed at the far end of its title, in %s', async (locale) => {
    const page = await (await somebody({ ...phone, locale })).newPage();
    await page.goto(`${here.server.url}/room/${here.room}`);
    await page.locator('form .primary').click();
    await page.locator('booth-meeting').waitFor();
    await page.keyboard.press('t');
    const header = page.locator('booth-transcript header');
    const [bar, title, close] = [
      await boxOf(header),
      await boxOf(header.locator('h2')),
      await boxOf(header.locator('button')),
    ];
    expect(Math.abs(close.x - title.x)).toBeGreaterThan(bar.width / 2);
    const panel = await boxOf(page.locator('booth-transcript'));
    expect(panel.y + panel.height).toBeLessThanOrEqual((await boxOf(page.locator('booth-bar'))).y);
  });

  it('is opened and closed with the same key, and with Escape from the search', async () => {
    const page = await joins('Jane');
    const transcript = page.locator('booth-transcript');
    await page.keyboard.press('t');
    await transcript.waitFor();
    await page.keyboard.press('t');
    await transcript.waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('t?');
    expect(await page.getByLabel('Search').inputValue()).toBe('t?');
    await page.keyboard.press('Escape');
    await transcript.waitFor({ state: 'detached' });
  });
});

describe('in the lobby', () => {
  it('one reads that speech is written down, before it is', async () => {
    const page = await openLobby(await somebody(), visit('Jane'));
    await page.getByText('What is said is written down and kept for 24 hours.').waitFor();
  });

  it('nothing sounds after leaving until it is asked for, and what was read can be taken away', async () => {
    const page = await joins('Jane', { fragment: 'read=original' });
    await page.getByLabel('Read', { exact: true }).selectOption('es');
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByText('You have left the meeting.').waitFor();
    expect(await page.getByLabel('Language', { exact: true }).inputValue()).toBe('es');
    await expect.poll(() => page.getByLabel('I read').inputValue(), PATIENCE).toBe('es');
    expect(await page.getByRole('meter').count()).toBe(0);
    await page.getByRole('button', { name: 'Unmute' }).click();
    await page.getByRole('meter').waitFor();
  });
});

describe('an address whose room cannot be', () => {
  it('leads to where a name is typed, says why, and mends it', async () => {
    const page = await (await somebody()).newPage();
    await page.goto(`${here.server.url}/room/my%20room`);
    await page.getByRole('alert').getByText('This name cannot be used. A name is 1 to 64').waitFor();
    expect(await page.getByLabel('Room').inputValue()).toBe('my room');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.waitForURL(/\/room\/my-room$/);
  });
});

describe('a page in Arabic', () => {
  it('keeps words clear of a list’s mark, and shows where a link begins', async () => {
    const page = await (await somebody({ locale: 'ar' })).newPage();
    await page.goto(`${here.server.url}/room/${here.room}`);
    const list = page.locator('booth-lobby select').first();
    const { paddingLeft, paddingRight } = await list.evaluate((element) => getComputedStyle(element));
    expect(Number.parseFloat(paddingLeft)).toBeGreaterThan(Number.parseFloat(paddingRight));
    await page.locator('form .primary').click();
    const link = page.locator('booth-invite input');
    await link.waitFor();
    expect(await link.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr');
  });

  it('says in its own language what an English word of the server comes to, and sets that in the direction of English', async () => {
    const page = await (await somebody({ locale: 'ar' })).newPage();
    await page.goto(`${here.server.url}/room/${here.room}#speak=en&read=es`);
    await page.locator('#name').fill('Jane');
    await page.locator('form .primary').click();
    await page.locator('booth-meeting').waitFor();
    const booth = await TestBooth.enter(here.server, here.room);
    await booth.writes('es');
    const message = 'The translation service refused the API key.';
    const tellAndRead = () => {
      // Again and again, for the page may not have opened the channel yet.
      booth.status({ speaker: 'Jane', language: 'es', queueMs: 0, listeners: 1, state: 'unavailable', message });
      return page.locator('booth-meeting-notices bdi').allTextContents();
    };
    await expect.poll(tellAndRead, PATIENCE).toEqual([message]);
    expect(await page.locator('booth-meeting-notices [role=status]').allTextContents()).toEqual([
      `الترجمة غير متاحة. ${message}`,
    ]);
    booth.leave();
  });
});
