/** `<booth-captions>` on pages of others: one script and one tag. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { type Captions, embed, lines, live, Meeting, reads } from '../support/captions-meeting.ts';
import { NONCE } from '../support/foreign-page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { join, person, startTestServer, tokenOf } from '../support/server.ts';

const here = servePages();

describe("on somebody else's page, one script and one tag", () => {
  it('show what is said, under a policy that allows a nonce and nothing inline', async () => {
    const meeting = await Meeting.begin(here);
    const { page, complaints } = await embed(here, meeting.tag('language="es" show-speaker'));
    await live(page);
    meeting.says('Tenemos que', { tentative: ' acabar' });
    await reads(page).toEqual(['Tenemos que acabar']);
    expect(await page.locator('booth-captions .tentative').allTextContents()).toEqual([' acabar']);
    expect(await page.locator('booth-captions .name').textContent()).toBe('Jane');
    meeting.says('Tenemos que terminar el informe.', { final: true });
    await reads(page).toEqual(['Tenemos que terminar el informe.']);
    expect(complaints).toEqual([]);
  });

  it('show the original beside the translation', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(here, meeting.tag('language="es" both'));
    await live(page);
    meeting.says('We need it.', { kind: 'original', language: 'en' });
    meeting.says('Lo necesitamos.', { utterance: 'b', sourceUtterance: 'a' });
    await reads(page).toEqual(['We need it.', 'Lo necesitamos.']);
    expect(await page.locator('booth-captions .block.small').innerText()).toBe('We need it.');
  });

  it('come over WebRTC where that is asked for, to somebody whom others do not see', async () => {
    const meeting = await Meeting.begin(here);
    const hidden = tokenOf({ identity: 'reader', room: meeting.room, grants: ['subscribe'], hidden: true });
    const jane = await join(here.server, person('other', { room: meeting.room }));
    const tag = `<booth-captions via="webrtc" room="${meeting.room}" token="${hidden}" language="es"></booth-captions>`;
    const { page, complaints } = await embed(here, tag);
    await live(page);
    await expect
      .poll(() => {
        meeting.says('Por WebRTC.');
        return lines(page);
      }, PATIENCE)
      .toEqual(['Por WebRTC.']);
    expect(jane.told.filter(({ name }) => name === 'participant.joined')).toEqual([]);
    expect(complaints).toEqual([]);
    jane.leave();
  });

  it('tell the page by events what came, and how they are doing', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(
      here,
      `<script type="module" nonce="${NONCE}">
        const told = globalThis.told = [];
        const captions = document.querySelector('booth-captions');
        captions.addEventListener('state', ({ detail }) => told.push(detail.is));
        captions.addEventListener('caption', ({ detail }) => told.push(detail.stable));
        captions.addEventListener('languagechange', ({ detail }) => told.push(detail.language));
      </script>${meeting.tag()}`,
    );
    await live(page);
    meeting.says('Hola.', { final: true });
    await reads(page).toEqual(['Hola.']);
    await page.locator('booth-captions').hover();
    await page.getByRole('button', { name: 'Language and size' }).click();
    await page.getByLabel('Language', { exact: true }).selectOption('en');
    const told = () => page.evaluate(() => (globalThis as { told?: unknown }).told);
    await expect.poll(told, PATIENCE).toEqual(expect.arrayContaining(['live', 'Hola.', 'en']));
    await reads(page).toEqual([]);
  });

  it('say why they cannot work, and try no more, where the token is refused', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(
      here,
      `<booth-captions room="other" token="${meeting.token}" language="es"></booth-captions>`,
    );
    await page.getByRole('status').getByText('This invite is for another room.').waitFor();
    // Who builds the page reads the server's own words.
    const state = await page.evaluate(
      () => (document.querySelector('booth-captions') as { state?: { is: string; message?: string } } | null)?.state,
    );
    expect(state).toMatchObject({ is: 'ended', message: expect.stringContaining('not for "other"') });
  });

  it('tell who builds the page what is missing', async () => {
    const { page, complaints } = await embed(
      here,
      '<booth-captions room="a" token="b"></booth-captions><booth-channels room="a"></booth-channels>',
    );
    await page.locator('booth-channels').getByRole('group').waitFor();
    const shows = (tag: string, lacks: string) =>
      `<${tag}> shows nothing: it has no ${lacks}, and nothing is attached to it.`;
    await expect
      .poll(() => complaints.toSorted(), PATIENCE)
      .toEqual([shows('booth-captions', 'language'), shows('booth-channels', 'token')]);
    const refusals = await page.evaluate(() =>
      ['booth-captions', 'booth-channels'].map((tag) => {
        const element = document.querySelector(tag) as unknown as Captions;
        return [null, {}].map((what) => {
          try {
            return element.attach(what);
          } catch (error) {
            return String(error);
          }
        });
      }),
    );
    const [captions, channels] = ['a DataConsumer', 'a meeting'].map((what) =>
      expect.stringContaining(`TypeError: attach takes ${what}`),
    );
    expect(refusals).toEqual([
      [captions, captions],
      [channels, channels],
    ]);
  });

  it('come when the server does, over WebRTC and for channels as well', async () => {
    const down = await startTestServer({ pages: pageDir });
    await down.close();
    const { room } = here;
    const token = (identity: string) => tokenOf({ identity, room, grants: ['subscribe'] });
    const given = (identity: string) => `room="${room}" token="${token(identity)}" language="es" server="${down.url}"`;
    const { page } = await embed(
      here,
      `<booth-captions via="webrtc" ${given('reader')}></booth-captions
        ><booth-channels ${given('listener')}></booth-channels>`,
      { booth: down.url, widget: here.server.url },
    );
    const states = () =>
      page.evaluate(() =>
        ['booth-captions', 'booth-channels'].map(
          (tag) => (document.querySelector(tag) as { state?: { is: string } } | null)?.state?.is,
        ),
      );
    await expect.poll(states, PATIENCE).toEqual(['lost', 'lost']);
    const up = await startTestServer({ pages: pageDir, port: down.port });
    onTestFinished(() => up.close());
    await expect.poll(states, PATIENCE).toEqual(['live', 'live']);
  });

  it('stay inside the element: what there is no room for leaves above', async () => {
    const meeting = await Meeting.begin(here);
    const { page } = await embed(
      here,
      `<style nonce="${NONCE}">
        div { position: relative; block-size: 160px; inline-size: 600px }
        booth-captions { position: absolute; inset: 0; --booth-captions-size: 30px }
      </style><div>${meeting.tag('language="es" both lines="3" controls="off"')}</div>`,
    );
    await live(page);
    const words = 'una palabra y otra más que no se acaba nunca '.repeat(3).trim();
    meeting.says(words, { kind: 'original', language: 'en', final: true });
    meeting.says(words, { utterance: 'b', sourceUtterance: 'a', final: true });
    const bottoms = () =>
      page.evaluate(() => {
        const root = document.querySelector('booth-captions')?.shadowRoot;
        const bottom = (element: Element | null | undefined) => element?.getBoundingClientRect().bottom ?? Number.NaN;
        return [bottom(root?.querySelector('.box')), bottom([...(root?.querySelectorAll('.line') ?? [])].at(-1))];
      });
    await expect.poll(async () => (await lines(page)).length, PATIENCE).toBe(6);
    const [box = 0, last = Number.NaN] = await bottoms();
    expect(last).toBeLessThan(box);
    expect(await page.locator('booth-captions .box').evaluate((element) => element.clientHeight)).toBeLessThanOrEqual(
      160,
    );
  });
});
