/** Whom the interpreter hardly hears is told so on the page, in their language, until they are louder; hosts are told whom else. */
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { servePages } from '../support/served-pages.ts';
import { interpreter, join, person } from '../support/server.ts';

const notice = (page: Page, text: string) => page.locator('booth-meeting-notices .notice').getByText(text);
/** The notice in each language of the page. */
const texts = [
  ['en-US', 'We hardly hear you.'],
  ['es-ES', 'Apenas se te oye.'],
  ['ar', 'نكاد لا نسمعك.'],
] as const;

describe('whom the interpreter hardly hears', () => {
  const here = servePages();

  /** A host with their microphone on, and an interpreter in the hands of the test. */
  async function meeting(locale = 'en-US') {
    const { server, room } = here;
    const context = await here.somebody({ locale });
    const page = await context.newPage();
    await page.goto(`${server.url}/room/${room}#invite=${server.invite(room, ['publish', 'subscribe', 'host'], 600)}`);
    await page.locator('form .primary').click();
    await page.locator('booth-meeting').waitFor();
    const booth = await join(server, interpreter('booth', { room }));
    onTestFinished(() => booth.leave());
    const host = booth.reply.participants.find(({ kind }) => kind === 'person')?.id ?? '';
    const setTooQuiet = (participantId: string, isTooQuiet: boolean) =>
      booth.request('participant.setTooQuiet', { participantId, isTooQuiet });
    return { page, host, setTooQuiet };
  }

  it.each(texts)('is told so in their language (%s), until they are louder', async (locale, text) => {
    const { page, host, setTooQuiet } = await meeting(locale);
    await setTooQuiet(host, true);
    await notice(page, text).waitFor();
    await setTooQuiet(host, false);
    await notice(page, text).waitFor({ state: 'detached' });
  });

  it('is named to hosts, until they leave', async () => {
    const { page, setTooQuiet } = await meeting();
    const ben = await join(here.server, person('ben', { room: here.room, name: 'Ben' }));
    await setTooQuiet('ben', true);
    await notice(page, 'The interpreter hardly hears Ben.').waitFor();
    expect(await page.locator('booth-meeting-notices .notice').count()).toBe(1);
    ben.leave();
    await notice(page, 'The interpreter hardly hears Ben.').waitFor({ state: 'detached' });
  });
});
