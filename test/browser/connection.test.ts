/** A connection that is lost is mended by itself; one that was replaced stays closed. */
import { describe, expect, it } from 'vitest';
import { pageDir } from '../../scripts/places.mjs';
import { TestBooth } from '../support/booth.ts';
import { captions, hears, microphone, tile } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { openSocket, startTestServer } from '../support/server.ts';

const here = servePages();
const { joins } = here;

describe('a connection', () => {
  it('that is lost is shown and mended by itself; what was said stays', async () => {
    const first = await startTestServer({ pages: pageDir });
    const url = first.url;
    const invite = `invite=${first.invite(here.room, ['publish', 'subscribe'], 600)}`;
    const jane = await joins('Jane', { url, fragment: `${invite}&read=original` });
    const luis = await joins('Luis', { url, fragment: invite });
    const booth = await TestBooth.enter(first, here.room);
    await booth.writes('en');
    const said = { speaker: 'Luis', utterance: 'a', language: 'en', kind: 'original', start: 0 } as const;
    const read = () => captions(jane).allTextContents();
    const sayAndRead = () => {
      // Again and again, for the page may not have opened the channel yet.
      booth.caption({ ...said, stable: 'This was said before.', final: true });
      return read();
    };
    await expect.poll(sayAndRead, PATIENCE).toEqual(['This was said before.']);
    booth.leave();
    await first.close();

    await jane.getByText('Coming back by itself').waitFor();
    expect(await read()).toEqual(['This was said before.']);
    const second = await startTestServer({ pages: pageDir, port: first.port });
    try {
      await jane.getByText('Coming back by itself').waitFor({ state: 'detached' });
      await tile(jane, 'Luis').waitFor();
      await hears(jane, microphone);
      await hears(luis, microphone);
      expect(await read()).toEqual(['This was said before.']);
    } finally {
      await second.close();
    }
  });

  it('that was replaced by another one says so and stays closed', async () => {
    let token = '';
    const page = await joins('Jane', {
      before: async (page) => {
        page.on('response', async (response) => {
          if (response.url().endsWith('/v1/join')) token = (await response.json()).token;
        });
      },
    });
    const socket = await openSocket(here.server, token);
    socket.send(JSON.stringify({ id: 1, method: 'join', data: {} }));
    await page.getByText('You have left this room').waitFor();
    await page.getByText('You joined from somewhere else').waitFor();
    socket.close();
  });
});
