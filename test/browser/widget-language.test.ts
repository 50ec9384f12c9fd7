/** The language in which the widgets themselves speak: that of the page that they are in, or of the phone. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { embed, live, Meeting, open } from '../support/captions-meeting.ts';
import { servePages } from '../support/served-pages.ts';

const here = servePages();
const ended = (page: Page) => page.locator('booth-captions [part~="ended"]');

describe("on somebody else's page, the widgets speak as it does", () => {
  it('in Spanish, also of what the server refuses', async () => {
    const meeting = await Meeting.begin(here);
    const { page, complaints } = await embed(
      here,
      `${meeting.tag('language="es"')}<booth-captions room="${here.room}" token="eyJ.wrong.token" language="es"></booth-captions>`,
      { lang: 'es-MX' },
    );
    await page.getByText('Los subtítulos aparecen aquí cuando alguien habla.').first().waitFor();
    await ended(page).waitFor();
    expect(await ended(page).textContent()).toMatch(/^Esta invitación .+ a quien dirige la reunión\.$/);
    await page.getByRole('button', { name: 'Idioma y tamaño' }).first().click();
    await page.getByRole('button', { name: 'Mover arriba' }).waitFor();
    expect(await page.getByLabel('Idioma', { exact: true }).locator('option').allTextContents()).toEqual(
      expect.arrayContaining(['Original', 'Español', 'English (inglés)']),
    );
    expect(complaints.filter((complaint) => !complaint.includes('401'))).toEqual([]);
  });

  it('in English where they have no texts in its language', async () => {
    const { page } = await embed(here, (await Meeting.begin(here)).tag(), { lang: 'fr' });
    await page.getByText('Captions appear here when somebody speaks.').waitFor();
  });
});

describe('a page that is nothing but captions', () => {
  it('speaks, on a phone, as the phone does: in Arabic, from the right', async () => {
    const meeting = await Meeting.begin(here);
    const { fragment } = here.guest(['subscribe']);
    const { page, complaints } = await open(here, `${here.server.url}/listen/${here.room}?language=ar#${fragment}`, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      locale: 'ar-EG',
    });
    await live(page);
    expect(await page.evaluate(() => document.documentElement.dir)).toBe('rtl');
    await page.getByText('يظهر هنا ما يُقال عندما يتكلم أحد.').waitFor();
    meeting.booth.status({
      speaker: 'Jane',
      language: 'ar',
      state: 'unavailable',
      queueMs: 0,
      listeners: 1,
      message: 'No.',
    });
    await page.getByText('الترجمة غير متاحة.').waitFor();
    await page.getByRole('button', { name: 'استماع' }).click();
    await page.getByText('الترجمة آلية، والصوت مولّد آليًّا.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('speaks, over a projection, as its readers do', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await open(here, `${here.server.url}/overlay/${here.room}?language=es#${meeting.token}`);
    await live(page);
    meeting.booth.status({ speaker: 'Jane', language: 'es', state: 'reconnecting', queueMs: 0, listeners: 1 });
    await page.getByText('El intérprete se está reconectando …').waitFor();
  });
});
