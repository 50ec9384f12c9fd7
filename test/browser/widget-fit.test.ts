/** Where a page puts captions: however a place takes its width, there is room for lines. */
import { describe, expect, it } from 'vitest';
import { embed, Meeting, open, reads } from '../support/captions-meeting.ts';
import { NONCE } from '../support/foreign-page.ts';
import { servePages } from '../support/served-pages.ts';

const here = servePages();
const SAID = 'Tenemos que terminar el informe hoy.';

describe('captions have room for a line', () => {
  it.each([
    ['in a row', 'display: flex', ''],
    ['in the middle of a column', 'display: flex; flex-direction: column; align-items: center', ''],
    ['in the middle of a grid', 'display: grid; place-items: center', ''],
    ['beside what floats', '', 'float: left'],
    ['in a corner', 'position: relative; block-size: 300px', 'position: absolute; bottom: 0; left: 0'],
    ['over all of a video', 'position: relative; block-size: 300px', 'position: absolute; inset: 0'],
  ])('%s', async (_where, around, itself) => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(
      here,
      `<style nonce="${NONCE}">main { ${around} } booth-captions { ${itself} }</style><main>${meeting.tag()}</main>`,
      { context: { viewport: { width: 1000, height: 600 } } },
    );
    meeting.says(SAID, { final: true });
    await reads(page).toEqual([SAID]);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 320, height: 600 });
    await reads(page).toHaveLength(2);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });
});

it.each(['bottom', 'top'])(
  'an overlay lies over the %s of the window, and what is beside its words can be clicked',
  async (place) => {
    const meeting = await Meeting.begin(here);
    const page = `<style nonce="${NONCE}">button { position: fixed; inset: 0; inline-size: 100% }</style>`;
    const { page: embedded } = await embed(
      here,
      `${page}<button></button>${meeting.tag(`language="es" overlay place="${place}"`)}`,
      {
        context: { viewport: { width: 1600, height: 600 } },
      },
    );
    meeting.says(SAID, { final: true });
    await reads(embedded).toEqual([SAID]);
    const box = await embedded.locator('booth-captions .box').boundingBox();
    if (!box) throw new Error('nothing is shown');
    expect(place === 'bottom' ? 600 - box.y - box.height : box.y).toBe(16);
    expect(box.x + box.width / 2).toBe(800);
    const hit = (x: number) =>
      embedded.evaluate(([at, y]) => document.elementFromPoint(at, y)?.localName, [x, box.y + box.height / 2] as const);
    expect(await hit(box.x - 20)).toBe('button');
    expect(await hit(800)).toBe('booth-captions');
  },
);

it('the first word moves nothing on the page', async () => {
  const meeting = await Meeting.begin(here);
  const { page } = await embed(here, `${meeting.tag()}<p id="below">Below</p>`);
  await page.getByText('Captions appear here').waitFor();
  const below = async () => (await page.locator('#below').boundingBox())?.y;
  const before = await below();
  meeting.says('Tenemos que', { tentative: ' acabar' });
  await reads(page).toEqual(['Tenemos que acabar']);
  expect(await below()).toBe(before);
});

it('the choices stay on the smallest phone', async () => {
  const { fragment } = here.guest(['subscribe']);
  const { page } = await open(here, `${here.server.url}/listen/${here.room}?language=es&size=150#${fragment}`, {
    viewport: { width: 320, height: 640 },
    isMobile: true,
    hasTouch: true,
  });
  await page.getByRole('button', { name: 'What was said before' }).waitFor();
  const sides = await page
    .locator('booth-captions button, booth-captions select')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).flatMap(({ left, right }) => [left, right]));
  expect(Math.min(...sides)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...sides)).toBeLessThanOrEqual(320);
});
