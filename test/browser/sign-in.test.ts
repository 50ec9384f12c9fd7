/** How the page lets in whoever runs the server: by a link that is good for one browser, and for all of its tabs. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const here = servePages({ context: { storageState: { cookies: [], origins: [] } } });

const inside = (page: Page) => page.locator('booth-meeting').waitFor();

async function opens(page: Page, fragment = ''): Promise<void> {
  await page.goto(`${here.server.url}/room/${here.room}${fragment}`);
  await page.waitForURL(`${here.server.url}/room/${here.room}`);
}

async function joins(page: Page): Promise<void> {
  await page.locator('form .primary').click();
  await inside(page);
}

describe('a sign-in link', () => {
  it('lets several tabs of one browser in as several people, also when it is opened again or the page is loaded anew', async () => {
    const browser = await here.somebody();
    const fragment = `#code=${here.server.signInCode()}&read=es`;
    const [first, second] = [await browser.newPage(), await browser.newPage()];
    await Promise.all([opens(first, fragment), opens(second, fragment)]);
    for (const tab of [first, second]) await joins(tab);
    expect(first.url()).toBe(`${here.server.url}/room/${here.room}`);
    await expect.poll(() => first.getByRole('listitem').count(), PATIENCE).toBe(2);
    await first.reload();
    await joins(first);
    const other = await browser.newPage();
    await other.goto(`${here.server.url}/room/another-${here.room}`);
    await joins(other);
    await other.getByLabel('Link to this room').waitFor();
  });

  it('lets in a page that is reloaded before the server’s answer has come, and no other browser', async () => {
    const fragment = `#code=${here.server.signInCode()}`;
    const page = await (await here.somebody()).newPage();
    const exchanged = Promise.withResolvers<void>();
    await page.route('**/v1/sign-in', async (route) => {
      await route.fetch();
      exchanged.resolve();
      // The answer never comes.
    });
    await opens(page, fragment);
    await exchanged.promise;
    await page.unroute('**/v1/sign-in');
    await page.reload();
    await joins(page);
    const other = await (await here.somebody()).newPage();
    await opens(other, fragment);
    await other.getByRole('alert').getByText('run “npx booth link” for a new one').waitFor();
  });

  it('that was used in another browser lets nobody in, and says how to get a new one', async () => {
    const fragment = `#code=${here.server.signInCode()}`;
    const mine = await (await here.somebody()).newPage();
    await opens(mine, fragment);
    await joins(mine);
    const page = await (await here.somebody()).newPage();
    await opens(page, fragment);
    await page.getByRole('alert').getByText('run “npx booth link” for a new one').waitFor();
  });

  it('makes a tab that came by an invite before the host', async () => {
    const page = await (await here.somebody()).newPage();
    await opens(page, `#${here.guest().fragment}`);
    await opens(page, `#code=${here.server.signInCode()}`);
    await expect.poll(() => page.evaluate(() => localStorage.getItem('booth.operator')), PATIENCE).not.toBeNull();
    await page.reload();
    await joins(page);
    await page.getByLabel('Link to this room').waitFor();
  });
});

describe('a browser that is not signed in', () => {
  it.each([
    ['en-US', 'open the link that the terminal printed'],
    ['es', 'abre el enlace que muestra el terminal'],
    ['ar', 'فافتح الرابط الذي ظهر في الطرفية'],
  ])('reads what to do, in the lobby and on the home page (%s)', async (locale, words) => {
    const page = await (await here.somebody({ locale })).newPage();
    await opens(page);
    await page.getByRole('alert').getByText(words).waitFor();
    await page.goto(here.server.url);
    await page.getByRole('note').getByText(words).waitFor();
  });

  it('is told so when its credential is no longer good, and comes in by the next link', async () => {
    const page = await (await here.somebody()).newPage();
    await opens(page);
    await page.evaluate(() => localStorage.setItem('booth.operator', 'of another server'));
    await page.reload();
    await page.locator('form .primary').click();
    await page.getByRole('alert').getByText('This browser is no longer signed in').waitFor();
    expect(await page.evaluate(() => localStorage.getItem('booth.operator'))).toBeNull();
    await opens(page, `#code=${here.server.signInCode()}`);
    await joins(page);
  });
});
