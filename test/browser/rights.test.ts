/** What a host sees of who is there unseen, revokes at once, and what people are told of their access. */
import { describe, expect, it } from 'vitest';
import { signToken } from '../../server/auth/jwt.ts';
import { findings } from '../support/axe-page.ts';
import { readCaptions } from '../support/caption-events.ts';
import { openPanel, tile } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { join, person, secret, tokenOf } from '../support/server.ts';

const here = servePages();
const { joins } = here;

describe('a host', () => {
  it('sees who is there unseen, and how many caption screens read along', async () => {
    const jane = await joins('Jane');
    await join(here.server, person('Wall', { room: here.room, hidden: true, grants: ['captions'] }));
    const token = tokenOf({ identity: 'screen', room: here.room, grants: ['captions'] });
    const reader = await readCaptions(here.server, here.room, 'es', token);
    await openPanel(jane);
    await jane.getByText('Wall (only listens, unseen)').waitFor();
    await jane.getByText('1 caption screen reads along').waitFor();
    expect(await findings(jane)).toEqual([]);
    reader.close();
    await jane.getByText('1 caption screen reads along').waitFor({ state: 'detached' });
  });

  it('revokes everything given so far with two clicks', async () => {
    const jane = await joins('Jane');
    const shown = jane.getByLabel('Link to this room');
    await expect.poll(() => shown.inputValue(), PATIENCE).toContain('#invite=');
    const luis = await joins('Luis', { fragment: (await shown.inputValue()).split('#')[1] ?? '' });
    await tile(jane, 'Luis').waitFor();
    await jane.getByRole('button', { name: 'Invite others' }).click();
    await jane.getByRole('button', { name: 'Revoke everything given so far' }).click();
    await jane.getByText('nor by what came from those').waitFor();
    expect(await findings(jane)).toEqual([]);
    await jane.getByRole('button', { name: 'Really revoke all of it?' }).click();
    await luis.getByText('This invite was revoked. Ask the host for a new one.').waitFor();
    await tile(jane, 'Luis').waitFor({ state: 'detached' });
    await jane.getByRole('button', { name: 'Make a new invite' }).waitFor();
  });
});

describe('a person whose access ends', () => {
  it('is told when', async () => {
    const who = { identity: 'luis', room: here.room, grants: ['publish', 'subscribe'] as const };
    const luis = await joins('Luis', {
      before: async (page) => {
        const json = { token: signToken(secret, who, 30), id: 'x', identity: 'luis', expires: 0 };
        await page.route('**/v1/join', (route) => route.fulfill({ status: 201, json }));
      },
    });
    await luis
      .getByText(/Your access to this room ends at \d.*Ask the host for a new invite/)
      .waitFor({ timeout: 90_000 });
    expect(await findings(luis)).toEqual([]);
  });

  it('stays where the page can get another token in time', async () => {
    const who = { identity: 'luis', room: here.room, grants: ['publish', 'subscribe'] as const };
    const tokens = [20, 3600].map((seconds) => signToken(secret, who, seconds));
    const asked: string[] = [];
    const luis = await joins('Luis', {
      before: async (page) => {
        await page.route('**/v1/join', (route) => {
          asked.push(route.request().url());
          const token = tokens[Math.min(asked.length, tokens.length) - 1];
          return route.fulfill({ status: 201, json: { token, id: 'x', identity: 'luis', expires: 0 } });
        });
      },
    });
    const rejoined: string[] = [];
    luis.on('websocket', (socket) => rejoined.push(socket.url()));
    await expect.poll(() => asked.length, PATIENCE).toBe(2);
    await luis.waitForTimeout(5000);
    await luis.getByText(/Your access to this room ends/).waitFor({ state: 'detached' });
    expect(rejoined).toEqual([]);
    await tile(luis, 'Luis').waitFor();
  });
});
