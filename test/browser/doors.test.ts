/** Who is let into a room: with an invite, until it is revoked, and one by one where the host wants it so. */
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { signInvite } from '../../server/auth/jwt.ts';
import type { StoredRules } from '../../server/room/room-rules.ts';
import { findings } from '../support/axe-page.ts';
import { TestBooth } from '../support/booth.ts';
import {
  captions,
  hears,
  joinPage,
  microphone,
  openLobby,
  openPanel,
  switchOff,
  switchOn,
  tile,
} from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { call, join, person, secret, startTestServer, tokenOf } from '../support/server.ts';

/** Whoever comes back by themselves does so within 1.2 s at first. */
const LONGER_THAN_A_RETRY_MS = 3_000;
const DAY_SECONDS = 86_400;

const here = servePages();
const { somebody, visit, joins, guest } = here;

/** What the page asks of the server to come in, from now on. */
function attempts(page: Page): string[] {
  const seen: string[] = [];
  page.on('request', (request) => request.url().endsWith('/v1/join') && seen.push(request.url()));
  page.on('websocket', (socket) => seen.push(socket.url()));
  return seen;
}

describe('a guest', () => {
  it('with an invite comes in, hears and reads', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis', { fragment: `${guest().fragment}&read=es` });
    await tile(jane, 'Luis').waitFor();
    await hears(luis, microphone);
    const booth = await TestBooth.enter(here.server, here.room);
    await booth.writes('es');
    const said = { speaker: 'Jane', utterance: 'a', language: 'es', kind: 'translation', start: 0 } as const;
    const read = () => {
      // Again and again, for the page may not have opened the channel yet.
      booth.caption({ ...said, stable: 'Bienvenido.', final: true });
      return captions(luis).allTextContents();
    };
    await expect.poll(read, PATIENCE).toEqual(['Bienvenido.']);
    booth.leave();
  });

  it.each([
    ['en-US', 'This invite has expired. Ask the host for a new one.'],
    ['es', 'Esta invitación ha caducado. Pide otra a quien dirige la reunión.'],
  ])('with one that has expired is told so in place, in their own language (%s)', async (locale, words) => {
    const invite = signInvite(secret, { room: here.room, grants: ['publish', 'subscribe'] }, -1);
    const page = await (await somebody({ locale })).newPage();
    await page.goto(`${here.server.url}/room/${here.room}#invite=${invite}`);
    await page.locator('form .primary').click();
    await page.getByRole('alert').getByText(words).waitFor();
    expect(await findings(page)).toEqual([]);
    // The same place, to try again once there is another.
    expect(await page.locator('form .primary').isEnabled()).toBe(true);
  });

  it('is sent away with the invite, told why, and does not try again; who comes with it later is told too', async () => {
    const jane = await joins('Jane');
    const shown = jane.getByLabel('Link to this room');
    await expect.poll(() => shown.inputValue(), PATIENCE).toContain('#invite=');
    const fragment = (await shown.inputValue()).split('#')[1] ?? '';
    const luis = await joins('Luis', { fragment });
    const eve = await joins('Eve', guest());
    const tried = attempts(luis);

    await jane.getByRole('button', { name: 'Invite others' }).click();
    await jane.getByRole('button', { name: 'Revoke this invite' }).click();
    await jane.getByText('whoever did leaves the room').waitFor();
    expect(await findings(jane)).toEqual([]);
    await jane.getByRole('button', { name: 'Really revoke it?' }).click();
    await jane.getByText('The invite was revoked').waitFor();

    await luis.getByRole('alert').getByText('You are no longer let in').waitFor();
    await luis.getByText('This invite was revoked. Ask the host for a new one.').waitFor();
    expect(await findings(luis)).toEqual([]);
    await tile(jane, 'Luis').waitFor({ state: 'detached' });
    await tile(jane, 'Eve').waitFor();
    await tile(eve, 'Jane').waitFor();
    await luis.waitForTimeout(LONGER_THAN_A_RETRY_MS);
    expect(tried).toEqual([]);

    const late = await openLobby(await somebody(), visit('Late', { fragment }));
    await late.getByRole('button', { name: 'Join' }).click();
    await late.getByRole('alert').getByText('This invite was revoked.').waitFor();

    await jane.getByRole('button', { name: 'Make a new invite' }).click();
    const link = await jane.getByLabel('Link to this room').inputValue();
    await joins('Late', { fragment: link.split('#')[1] ?? '' });
    await tile(jane, 'Late').waitFor();
  });

  it('is sent away too with a link that the host gave out before they reloaded the page', async () => {
    const context = await somebody();
    const jane = await joinPage(context, visit('Jane'));
    const link = await jane.getByLabel('Link to this room').inputValue();
    const luis = await joins('Luis', { fragment: link.split('#')[1] ?? '' });
    await jane.close();
    const again = await joinPage(context, visit('Jane'));
    await again.getByRole('button', { name: 'Invite others' }).click();
    await again.getByRole('button', { name: 'Revoke this invite' }).click();
    await again.getByRole('button', { name: 'Really revoke it?' }).click();
    await luis.getByText('This invite was revoked.').waitFor();
  });
});

it('a page whose token is worth nothing any more asks for another, and comes back', async () => {
  const first = await startTestServer({ pages: pageDir });
  const invite = first.invite(here.room, ['publish', 'subscribe', 'host'], 2 * DAY_SECONDS);
  const jane = await joins('Jane', { url: first.url, fragment: `invite=${invite}` });
  await first.close();
  await jane.getByText('Coming back by itself').waitFor();
  const aDayLater = () => Date.now() + DAY_SECONDS * 1000;
  const second = await startTestServer({ pages: pageDir, port: first.port, wallNow: aDayLater });
  try {
    await jane.getByText('Coming back by itself').waitFor({ state: 'detached' });
    expect(await jane.getByRole('alert').count()).toBe(0);
    await jane.getByLabel('Link to this room').waitFor();
  } finally {
    await second.close();
  }
});

describe('a room in which the host lets people in one by one', () => {
  /** The host, inside, with the door shut. */
  async function guarded(): Promise<Page> {
    const jane = await joins('Jane');
    await openPanel(jane);
    await switchOn(jane.getByLabel('Let people in one by one'));
    await jane.keyboard.press('Escape');
    return jane;
  }
  /** Somebody before the door. */
  async function knocks(context: BrowserContext, name: string): Promise<Page> {
    const page = await openLobby(context, visit(name, guest()));
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('Waiting to be let in').waitFor();
    return page;
  }
  const door = (page: Page) => page.locator('section booth-waiting-room');
  /** Somebody's tile, and not their name among those who wait. */
  const seat = (page: Page, name: string) => page.locator('booth-tile').filter({ hasText: name });

  it('they wait, are let in, and come back without knocking, also as a page that is loaded anew', async () => {
    const jane = await guarded();
    const context = await somebody();
    const luis = await knocks(context, 'Luis');
    expect(await findings(luis)).toEqual([]);
    await door(jane).getByText('Somebody waits to be let in').waitFor();
    expect(await seat(jane, 'Luis').count()).toBe(0);
    expect(await findings(jane)).toEqual([]);
    await door(jane).getByRole('button', { name: 'Let in Luis' }).click();
    await luis.locator('booth-meeting').waitFor();
    await seat(jane, 'Luis').waitFor();
    await hears(luis, microphone);

    await luis.reload();
    await seat(jane, 'Luis').waitFor({ state: 'detached' });
    await luis.getByLabel('Name').fill('Luis');
    await luis.getByRole('button', { name: 'Join' }).click();
    await luis.locator('booth-meeting').waitFor();
    await seat(jane, 'Luis').waitFor();
    expect(await jane.getByText('waits to be let in').count()).toBe(0);

    // Another tab is another person, who does not send the first away.
    const second = await knocks(context, 'Luis again');
    await seat(jane, 'Luis').waitFor();
    await second.close();
  });

  it('they wait on when the server comes back, and the door is shut still', async () => {
    let rules: StoredRules = [];
    const keep = async (all: StoredRules) => {
      rules = structuredClone(all);
      return true;
    };
    const start = (port = 0) => startTestServer({ pages: pageDir, port, rulesStore: { earlier: rules, save: keep } });
    const first = await start();
    const admin = await join(first, person('hana', { room: here.room, grants: ['host', 'subscribe'] }));
    const token = tokenOf(person('hana', { room: here.room, grants: ['host'] }));
    await call(first, 'PATCH', `/v1/rooms/${here.room}`, { token, body: { waitingRoom: true } });
    const url = first.url;
    const luis = await openLobby(await somebody(), visit('Luis', { url, ...guest() }));
    await luis.getByRole('button', { name: 'Join' }).click();
    await admin.hears('waitingRoom.updated');
    await first.close();
    const second = await start(first.port);
    try {
      const again = await join(second, person('hana', { room: here.room, grants: ['host', 'subscribe'] }));
      const { waiting } = await again.hears('waitingRoom.updated', (told) => told.waiting.length === 1);
      await luis.getByText('Waiting to be let in').waitFor();
      await again.request('host.admit', { participantId: waiting[0]?.id ?? '' });
      await luis.locator('booth-meeting').waitFor();
    } finally {
      await second.close();
    }
  });

  it('they are sent away, and told so; or go by themselves', async () => {
    const jane = await guarded();
    const luis = await knocks(await somebody(), 'Luis');
    const eve = await knocks(await somebody(), 'Eve');
    await door(jane).getByText('2 people wait to be let in').waitFor();
    await door(jane).getByRole('button', { name: 'Send Luis away' }).click();
    await luis.getByRole('alert').getByText('The host did not let you in.').waitFor();
    await eve.getByRole('button', { name: 'Wait no longer' }).click();
    await eve.getByRole('button', { name: 'Join' }).waitFor();
    expect(await eve.getByRole('alert').count()).toBe(0);
    await jane.getByText('to be let in').first().waitFor({ state: 'detached' });
  });

  it('are let in all together when the door is opened', async () => {
    const jane = await guarded();
    const luis = await knocks(await somebody(), 'Luis');
    await openPanel(jane);
    await switchOff(jane.getByLabel('Let people in one by one'));
    await luis.locator('booth-meeting').waitFor();
    await seat(jane, 'Luis').waitFor();
  });

  it('who only reads waits, too, and reads when they are let in', async () => {
    const jane = await guarded();
    const reader = await (await somebody()).newPage();
    await reader.goto(`${here.server.url}/listen/${here.room}?language=es#${guest().fragment}`);
    await reader.getByText('Waiting to be let in').first().waitFor();
    await door(jane).getByRole('button', { name: 'Let in Reader' }).click();
    await reader.getByText('Waiting to be let in').first().waitFor({ state: 'detached' });
    const booth = await TestBooth.enter(here.server, here.room);
    await booth.writes('es');
    const said = { speaker: 'Jane', utterance: 'a', language: 'es', kind: 'translation', start: 0 } as const;
    const read = () => {
      // Again and again, for the page may not have opened the channel yet.
      booth.caption({ ...said, stable: 'Bienvenido.', final: true });
      return reader.locator('booth-captions .line').allTextContents();
    };
    await expect.poll(read, PATIENCE).toEqual(['Bienvenido.']);
    booth.leave();
  });
});
