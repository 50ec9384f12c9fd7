/** The page speaks the browser's language, or the one that is chosen. */
import { describe, expect, it } from 'vitest';
import { openLobby } from '../support/page.ts';
import { servePages } from '../support/served-pages.ts';

const here = servePages();
const { somebody, visit } = here;

describe('the page’s own language', () => {
  it('is the browser’s, with the whole layout turned where it is written from the right', async () => {
    const page = await (await somebody({ locale: 'ar' })).newPage();
    await page.goto(`${here.server.url}/room/${here.room}`);
    await page.getByRole('button', { name: 'انضمام' }).waitFor();
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    expect(await page.locator('html').getAttribute('lang')).toBe('ar');
    const [form, preview] = [await page.locator('form').boundingBox(), await page.locator('.preview').boundingBox()];
    expect(form?.x ?? 0).toBeLessThan(preview?.x ?? 0);
  });

  it('is changed with one choice, in mid-page, and remembered', async () => {
    const page = await openLobby(await somebody(), visit('Jane'));
    await page.getByLabel('Language of this page').selectOption('es');
    await page.getByRole('button', { name: 'Entrar' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Entrar' }).waitFor();
  });
});
