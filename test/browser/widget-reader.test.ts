/** Who reads `<booth-captions>`: late, with a screen reader, larger, and over a connection that is lost. */
import { describe, expect, it } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { embed, lines, live, Meeting, reads } from '../support/captions-meeting.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { startTestServer } from '../support/server.ts';

const here = servePages();

describe('who reads', () => {
  it('and comes late reads at once what was said last; and all of it where there is room', async () => {
    const meeting = await Meeting.begin(here);
    for (const n of [1, 2, 3]) meeting.says(`Frase ${n}.`, { utterance: `${n}`, final: true });
    const { page } = await embed(here, meeting.tag());
    await reads(page).toEqual(['Frase 2.', 'Frase 3.']);
    await page.locator('booth-captions').evaluate((captions) => captions.setAttribute('history', ''));
    await reads(page).toEqual(['Frase 1.', 'Frase 2.', 'Frase 3.']);
    // What was said before anyone looked is not said to them again.
    expect(await page.locator('booth-captions [aria-live]').textContent()).toBe('');
  });

  it('with a screen reader hears finals, once', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(here, meeting.tag());
    await live(page);
    await page.waitForTimeout(600);
    meeting.says('Tenemos', { tentative: ' que' });
    meeting.says('Tenemos que irnos.', { final: true });
    meeting.says('Tenemos que irnos.', { final: true });
    await reads(page).toEqual(['Tenemos que irnos.']);
    expect(await page.locator('booth-captions [aria-live] p').allTextContents()).toEqual(['Jane: Tenemos que irnos.']);
  });

  it('keeps the screen on', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(here, '<booth-captions language="es"></booth-captions>');
    await page.evaluate(
      ({ room, token }) => {
        const asked: string[] = [];
        const lock = navigator.wakeLock;
        const request = lock.request.bind(lock);
        lock.request = (type) => {
          asked.push(type ?? 'screen');
          return request(type);
        };
        Object.assign(globalThis, { asked });
        Object.assign(document.querySelector('booth-captions') ?? {}, { room, token });
      },
      { room: meeting.room, token: meeting.token },
    );
    const asked = () => page.evaluate(() => (globalThis as { asked?: string[] }).asked);
    await expect.poll(asked, PATIENCE).toEqual(['screen']);
  });

  it('chooses a size and a place, which are remembered', async () => {
    const meeting = await Meeting.begin(here);
    const { page, complaints } = await embed(here, meeting.tag());
    await live(page);
    const fontSize = () =>
      page.locator('booth-captions .box').evaluate((box) => Number.parseFloat(getComputedStyle(box).fontSize));
    const before = await fontSize();
    await page.locator('booth-captions').hover();
    await page.getByRole('button', { name: 'Language and size' }).click();
    for (const _ of [125, 150, 175, 200]) await page.getByRole('button', { name: 'Larger' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Larger' }).isDisabled(), PATIENCE).toBe(true);
    await page.getByRole('button', { name: 'Move to the top' }).click();
    await expect.poll(fontSize, PATIENCE).toBeCloseTo(2 * before, 1);
    await page.reload();
    await live(page);
    await expect.poll(fontSize, PATIENCE).toBeCloseTo(2 * before, 1);
    expect(await page.locator('booth-captions').getAttribute('place')).toBe('top');
    expect(complaints).toEqual([]);
  });

  it('sees that the connection is lost, keeps what was said, and reads on when it is mended', async () => {
    const first = await startTestServer({ pages: pageDir });
    const meeting = await Meeting.begin({ server: first, room: here.room });
    const { page } = await embed(here, meeting.tag('language="es" history'), { booth: first.url });
    await live(page);
    meeting.says('Antes.', { final: true });
    await reads(page).toEqual(['Antes.']);
    meeting.booth.leave();
    await first.close();
    await page.getByText('Connection lost. Coming back by itself').waitFor();
    expect(await lines(page)).toEqual(['Antes.']);
    const second = await startTestServer({ pages: pageDir, port: first.port });
    try {
      await live(page);
      await page.getByText('Connection lost').waitFor({ state: 'detached' });
      const again = await Meeting.begin({ server: second, room: here.room });
      again.says('Después.', { utterance: 'b', final: true });
      await reads(page).toEqual(['Antes.', 'Después.']);
    } finally {
      await second.close();
    }
  });
});
