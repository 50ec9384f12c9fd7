/** Nobody is kept out: axe finds nothing on the meeting page, in either direction of writing. */
import { describe, expect, it } from 'vitest';
import { findings } from '../support/axe-page.ts';
import { servePages } from '../support/served-pages.ts';
import { inTheCloud } from '../support/server.ts';

const here = servePages({ server: inTheCloud, retentionHours: 24 });
const { somebody, joins, guest } = here;

describe('axe', () => {
  it.each(['en-US', 'ar'])('finds nothing before joining and inside, in %s', async (locale) => {
    const context = await somebody({ locale });
    const page = await context.newPage();
    await page.goto(`${here.server.url}/room/${here.room}`);
    await page.locator('#name').fill('Jane');
    await page.getByRole('meter').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.locator('form .primary').click();
    await page.locator('booth-meeting').waitFor();
    await joins('Luis', guest());
    await page.locator('booth-tile').nth(1).waitFor();
    await page.keyboard.press('t');
    await page.locator('booth-transcript').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.locator('booth-interpretation button').first().click();
    await page.locator('booth-host').waitFor();
    expect(await findings(page)).toEqual([]);
  });
});
