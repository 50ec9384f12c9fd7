/** What lets the widgets into a room: tokens for it, one after another. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { embed, lines, live, Meeting, open } from '../support/captions-meeting.ts';
import { NONCE } from '../support/foreign-page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { join, person, tokenOf } from '../support/server.ts';

const here = servePages();
const reader = (room: string, more: object = {}) =>
  tokenOf({ identity: 'reader', room, grants: ['subscribe'], hidden: true, ...more });
/** How the connections of all widgets on a page are doing. */
const states = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('booth-captions, booth-channels')].map(
      (element) => (element as { state?: { is: string; code?: string } }).state,
    ),
  );

describe('a token', () => {
  it.each([
    ['for another room', reader('elsewhere'), 'wrongRoom'],
    ['that lets nobody listen', reader('room', { grants: ['publish'], hidden: false }), 'forbidden'],
    ['that is none', 'eyJ.no.token', 'badToken'],
  ])('%s ends every widget, which say so', async (_what, token, code) => {
    const attributes = `room="room" token="${token}" language="es"`;
    const { page } = await embed(
      here,
      `<booth-captions ${attributes}></booth-captions><booth-captions via="webrtc" ${attributes}></booth-captions><booth-channels ${attributes}></booth-channels>`,
    );
    const ended = expect.objectContaining({ is: 'ended', code });
    await expect.poll(() => states(page), PATIENCE).toEqual([ended, ended, ended]);
    expect(await page.locator('booth-captions [part~="ended"]').count()).toBe(2);
  });

  it('that has expired is followed by the next one that the page gives', async () => {
    const { room } = await Meeting.begin(here);
    const expired = reader(room, { ttl: -10 });
    const good = JSON.stringify([tokenOf, tokenOf].map((_, n) => reader(room, { identity: `reader-${n}` })));
    const widgets = `<booth-captions via="webrtc" room="${room}" language="es"></booth-captions><booth-channels room="${room}" language="es"></booth-channels>
      <script type="module" nonce="${NONCE}">
        const good = ${good};
        for (const [n, element] of [...document.querySelectorAll('booth-captions, booth-channels')].entries()) {
          const tokens = ['${expired}', good[n]];
          element.getToken = () => (tokens.length > 1 ? tokens.shift() : tokens[0]);
        }
      </script>`;
    const { page } = await embed(here, widgets);
    await expect.poll(() => states(page), PATIENCE).toEqual([{ is: 'live' }, { is: 'live' }]);
  });

  it('that is empty is not asked for again and again', async () => {
    const { page } = await embed(
      here,
      `<booth-captions room="room" language="es"></booth-captions><booth-channels room="room" language="es"></booth-channels>
      <script type="module" nonce="${NONCE}">
        for (const element of document.querySelectorAll('booth-captions, booth-channels')) element.getToken = () => undefined;
      </script>`,
    );
    const ended = expect.objectContaining({ is: 'ended', message: 'This is not a token.' });
    await expect.poll(() => states(page), PATIENCE).toEqual([ended, ended]);
  });
});

it('who reads over WebRTC is told of their connection when it changes, and not when others come', async () => {
  const meeting = await Meeting.begin(here);
  const { page } = await embed(
    here,
    `<script type="module" nonce="${NONCE}">
      globalThis.told = [];
      const captions = document.createElement('booth-captions');
      captions.addEventListener('state', ({ detail }) => globalThis.told.push(detail.is));
      Object.assign(captions, ${JSON.stringify({ via: 'webrtc', room: meeting.room, token: reader(meeting.room), language: 'es' })});
      document.body.append(captions);
    </script>`,
  );
  await live(page);
  const ana = await join(here.server, person('ana', { room: meeting.room }));
  await expect
    .poll(() => {
      meeting.says('Hola.');
      return lines(page);
    }, PATIENCE)
    .toEqual(['Hola.']);
  ana.leave();
  expect(await page.evaluate(() => (globalThis as { told?: string[] }).told)).toEqual(['connecting', 'live']);
});

it('a voice that there is not is not waited for', async () => {
  const { page } = await embed(
    here,
    `<booth-channels room="${here.room}" token="${reader(here.room)}" language="es-MX"></booth-channels>`,
  );
  await page.getByText('There is no voice in this language here.').waitFor();
  await page.locator('booth-channels select').selectOption('es');
  await page.getByText('Waiting for the interpreter …').waitFor();
});

it('/listen says that an address is not that of a room', async () => {
  const { page } = await open(here, `${here.server.url}/listen/no%20room?language=es`);
  expect(await page.getByRole('alert').textContent()).toBe('This address is not that of a room.');
  expect(await page.getByRole('button').count()).toBe(0);
});
