/** `<booth-captions>` in pages that allow little: Trusted Types, frames, and rooms in which it is quiet. */
import { describe, expect, it } from 'vitest';
import { embed, lines, live, Meeting, reads } from '../support/captions-meeting.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { tokenOf } from '../support/server.ts';

const here = servePages();

describe('a page with Trusted Types', () => {
  it.each([
    "require-trusted-types-for 'script'",
    "require-trusted-types-for 'script'; trusted-types lit-html",
    'trusted-types default lit-html',
  ])('whose policy says %s reads captions', async (policy) => {
    const meeting = await Meeting.begin(here);
    const { page, complaints } = await embed(here, meeting.tag(), { policy });
    await live(page);
    meeting.says('Hola.', { final: true });
    await reads(page).toEqual(['Hola.']);
    expect(complaints).toEqual([]);
  });
});

describe('a frame', () => {
  it.each([
    ['that may not keep the screen on', '', 0],
    ['that may', 'allow="screen-wake-lock"', 1],
  ])('%s is asked accordingly, and nothing is logged', async (_what, allow, locks) => {
    const meeting = await Meeting.begin(here);
    const inner = await embed(here, meeting.tag());
    const { page, complaints } = await embed(here, '', { frames: new URL(inner.page.url()).origin });
    const asked: string[] = [];
    await page.exposeFunction('lockAsked', () => asked.push('screen'));
    await page.addInitScript(() => {
      const { wakeLock } = navigator;
      if (!wakeLock) return;
      wakeLock.request = async () => {
        (globalThis as unknown as { lockAsked(): void }).lockAsked();
        throw new DOMException('not now', 'NotAllowedError');
      };
    });
    await page.evaluate(
      ({ url, allow }) => {
        const frame = document.createElement('iframe');
        if (allow) frame.allow = 'screen-wake-lock';
        frame.src = url;
        document.body.append(frame);
      },
      { url: inner.page.url(), allow },
    );
    const framed = page.frameLocator('iframe').locator('booth-captions');
    await framed.getByText('Captions appear here').waitFor();
    await expect
      .poll(() => framed.evaluate((element) => (element as unknown as { state: { is: string } }).state.is), PATIENCE)
      .toBe('live');
    expect({ asked: asked.length, complaints }).toEqual({ asked: locks, complaints: [] });
  });
});

describe('in a quiet room', () => {
  it('the hint stands until somebody has spoken, and nothing in its place afterwards', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(here, meeting.tag());
    await live(page);
    const hint = page.getByText('Captions appear here when somebody speaks.');
    await hint.waitFor();
    const box = page.locator('booth-captions .box');
    const place = await box.boundingBox();
    meeting.says('Hola.', { final: true });
    await reads(page).toEqual(['Hola.']);
    await expect.poll(() => lines(page), PATIENCE).toEqual([]);
    await box.waitFor({ state: 'hidden' });
    expect(await hint.count()).toBe(0);
    // What is below or above it has not moved.
    const kept = await box.evaluate((element) => element.getBoundingClientRect().height);
    expect(Math.abs(kept - (place?.height ?? 0))).toBeLessThan(8);
    meeting.says('Otra vez.', { utterance: 'b', final: true });
    await reads(page).toEqual(['Otra vez.']);
    expect(await box.isVisible()).toBe(true);
  });

  it('words that were all taken back leave at once', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(here, meeting.tag('language="es" show-speaker'));
    await live(page);
    meeting.says('', { tentative: 'Quizás' });
    await reads(page).toEqual(['Quizás']);
    meeting.says('', { final: true });
    await expect.poll(() => page.locator('booth-captions .row').count(), { timeout: 3_000, interval: 50 }).toBe(0);
  });
});

describe('an English page', () => {
  it('says to people that a token has expired, as a page in another language does', async () => {
    const expired = tokenOf({ identity: 'reader', room: here.room, grants: ['subscribe'], ttl: -10 });
    const { page } = await embed(
      here,
      `<booth-captions room="${here.room}" token="${expired}" language="es"></booth-captions>`,
    );
    const told = page.locator('booth-captions [part~="ended"]');
    await expect
      .poll(() => told.allTextContents(), PATIENCE)
      .toEqual(['This invite has expired. Ask the host for a new one.']);
  });
});
