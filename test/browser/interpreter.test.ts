/** What people hear, read and see of an interpreter who is in their room. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBooth } from '../support/booth.ts';
import { captions, hears, joinPage, microphone, openPanel, switchOn, tile, volume } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { signedInAt } from '../support/signed-in.ts';

const here = servePages();
const { visit, joins } = here;
const channel = (language: string) => ({ language });

describe('an interpreter in the room', () => {
  const room = 'interpreted';
  let booth: TestBooth;
  let jane: Page;
  let luis: Page;
  beforeAll(async () => {
    const { server, browser } = here;
    const signedIn = await signedInAt(server);
    jane = await joinPage(await browser.newContext(signedIn), visit('Jane', { room }));
    luis = await joinPage(
      await browser.newContext(signedIn),
      visit('Luis', { room, fragment: 'hear=es&read=original,es' }),
    );
    booth = await TestBooth.enter(server, room);
    for (const language of ['en', 'es']) await booth.writes(language);
    await booth.sounds('es');
  });
  afterAll(async () => {
    booth.leave();
    await jane.context().close();
    await luis.context().close();
  });

  it('is heard by who chose its language, and by nobody else; nobody sees it', async () => {
    await hears(luis, channel('es'));
    expect(await jane.locator('audio[data-source=channel]').count()).toBe(0);
    expect(await tile(luis, 'Interpreter').count()).toBe(0);
  });

  it('is read: what was said first, then what it means, and words become certain where they stand', async () => {
    const said = { speaker: 'Jane', utterance: 'a', language: 'en', kind: 'original', start: 0 } as const;
    const meant = { ...said, utterance: 'b', sourceUtterance: 'a', language: 'es', kind: 'translation' } as const;
    booth.caption({ ...said, stable: 'We need to finish', tentative: ' the rapport', final: false });
    booth.caption({ ...meant, stable: 'Tenemos que', tentative: ' acabar', final: false });
    await expect
      .poll(() => captions(luis).allTextContents(), PATIENCE)
      .toEqual(['We need to finish the rapport', 'Tenemos que acabar']);
    expect(await luis.locator('.tentative').allTextContents()).toEqual([' the rapport', ' acabar']);
    booth.caption({ ...said, stable: 'We need to finish the report.', final: true });
    booth.caption({ ...meant, stable: 'Tenemos que terminar el informe.', final: true });
    await expect
      .poll(() => captions(luis).allTextContents(), PATIENCE)
      .toEqual(['We need to finish the report.', 'Tenemos que terminar el informe.']);
    expect(await captions(jane).count()).toBe(0);
  });

  it('is read by who comes later, and by who begins to read later', async () => {
    const late = await joins('Late', { room, fragment: 'read=es' });
    await expect.poll(() => captions(late).allTextContents(), PATIENCE).toEqual(['Tenemos que terminar el informe.']);
    await late.getByLabel('Read', { exact: true }).selectOption('original');
    await expect.poll(() => captions(late).allTextContents(), PATIENCE).toEqual(['We need to finish the report.']);
  });

  it('lowers whom it translates, for those who hear it', async () => {
    const sounding = { speaker: 'Jane', utterance: 'b', language: 'es', at: 0 };
    expect(await volume(luis, microphone)).toBe(1);
    booth.playout({ ...sounding, state: 'started' });
    await expect.poll(() => volume(luis, microphone), PATIENCE).toBeCloseTo(10 ** (-15 / 20), 3);
    expect(await volume(luis, channel('es'))).toBe(1);
    booth.playout({ ...sounding, state: 'ended' });
    await expect.poll(() => volume(luis, microphone), PATIENCE).toBe(1);
  });

  it('is silent to those whose own words it translates', async () => {
    const sounding = { speaker: 'Luis', utterance: 'mine', language: 'es', at: 0 };
    booth.playout({ ...sounding, state: 'started' });
    await expect.poll(() => volume(luis, channel('es')), PATIENCE).toBe(0);
    booth.playout({ ...sounding, state: 'ended' });
    await expect.poll(() => volume(luis, channel('es')), PATIENCE).toBe(1);
  });

  it('tells how it is doing', async () => {
    const how = { speaker: 'Jane', language: 'es', queueMs: 0, listeners: 1 };
    booth.status({ ...how, state: 'speaking' });
    await luis.getByRole('status').getByText('Spanish · speaking').waitFor();
    booth.status({ ...how, state: 'reconnecting', earVoiceSpanMs: 2_400, message: 'The engine is starting again.' });
    await luis.getByRole('status').getByText('Spanish · reconnecting').waitFor();
    await luis.getByRole('button', { name: 'Interpreter' }).click();
    await luis.getByText('The engine is starting again.').waitFor();
    await luis.getByText('2.4 s after the speaker').waitFor();
    await luis.keyboard.press('Escape');
  });

  it('says in place why it cannot work, to who wants the language, until that is over', async () => {
    const how = { speaker: 'Jane', language: 'es', queueMs: 0, listeners: 1 };
    const message = 'The translation service refused the API key. Check DASHSCOPE_API_KEY.';
    booth.status({ ...how, state: 'unavailable', message });
    const told = luis.locator('booth-meeting-notices').getByText(message);
    await told.waitFor();
    expect(await jane.locator('booth-meeting-notices').getByText(message).count()).toBe(0);
    booth.status({ ...how, state: 'listening' });
    await told.waitFor({ state: 'detached' });
  });

  it('is marked where the service refused to translate', async () => {
    const refused = {
      language: 'es',
      kind: 'translation',
      stable: '',
      final: true,
      start: 9,
      contentFiltered: true,
    } as const;
    booth.caption({ ...refused, speaker: 'Jane', utterance: 'r' });
    const mark = captions(luis).getByText('not translated: refused by the service');
    await mark.waitFor();
    const spoken = luis.locator('booth-caption-list [aria-live]');
    expect(await spoken.textContent()).toContain('Jane: (not translated: refused by the service)');
  });

  it('is no longer heard by who changes their mind', async () => {
    await luis.getByLabel('Hear', { exact: true }).selectOption('original');
    await luis.locator('audio[data-source=channel]').waitFor({ state: 'detached' });
  });
});

describe('not to be interpreted', () => {
  it('is told to everyone', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis');
    await openPanel(jane);
    await switchOn(jane.getByLabel('Don’t interpret me'));
    await tile(luis, 'Jane').getByText('Does not want to be interpreted').waitFor();
  });
});

describe('who still listens', () => {
  it('is seen by all, until the last channel is quiet', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis', { fragment: 'hear=es' });
    await jane.keyboard.press('m');
    const booth = await TestBooth.enter(here.server, here.room);
    await booth.writes('es');
    const how = { speaker: 'Jane', language: 'es', queueMs: 900, listeners: 2 } as const;
    const sounding = { speaker: 'Jane', utterance: 'b', language: 'es', at: 0 } as const;
    const asked = async () => {
      booth.status({ ...how, state: 'speaking' });
      booth.playout({ ...sounding, state: 'started' });
      return Promise.all([jane, luis].map((page) => tile(page, 'Jane').getByText('2 still listening').count()));
    };
    await expect.poll(asked, PATIENCE).toEqual([1, 1]);
    booth.playout({ ...sounding, state: 'ended' });
    booth.status({ ...how, state: 'listening' });
    for (const page of [jane, luis])
      await tile(page, 'Jane').getByText('still listening').waitFor({ state: 'detached' });
    booth.leave();
  });
});
