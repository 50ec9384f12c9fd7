/** Who comes from another computer: they need an invite, and only listen where the browser gives them no microphone. */
import { describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { hears, joinPage, microphone, openLobby, tile } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { signedInAt } from '../support/signed-in.ts';

/** Where there is no secure context, Chromium is recognised by this alone, and not as a headless one. */
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

const here = servePages({
  chromium: { args: ['--host-resolver-rules=MAP booth.test 127.0.0.1'] },
  context: { userAgent },
});
const { somebody, visit, joins, guest } = here;

/** The server as another computer names it: no door without an invite, and no secure context. */
const farUrl = () => here.server.url.replace('127.0.0.1', 'booth.test');

describe('someone who is alone', () => {
  it('is given a link that lets another browser in, and takes the invite out of the address', async () => {
    const jane = await joins('Jane');
    const link = jane.getByLabel('Link to this room');
    await expect.poll(() => link.inputValue(), PATIENCE).toContain('#invite=');
    const fragment = (await link.inputValue()).split('#')[1] ?? '';
    const luis = await joins('Luis', { url: farUrl(), fragment });
    expect(luis.url()).toBe(`${farUrl()}/room/${here.room}`);
    await tile(jane, 'Luis').waitFor();
  });
});

describe('without a microphone', () => {
  it('at a plain-HTTP address, one listens, and reads that a microphone needs HTTPS', async () => {
    await joins('Jane');
    const far = await joins('Far', { url: farUrl(), ...guest() });
    await far.getByText('A microphone needs a secure address: HTTPS').waitFor();
    await hears(far, microphone);
    expect(await far.getByRole('button', { name: 'Mute' }).count()).toBe(0);
  });

  it('that the browser refuses, one listens, and reads what to do', async () => {
    await joins('Jane');
    const strict = await launchChromium({ devicesAllowed: false });
    try {
      const page = await joinPage(await strict.newContext(await signedInAt(here.server)), visit('Kim'));
      await page.getByText('The browser does not let this page use the microphone').waitFor();
      await hears(page, microphone);
    } finally {
      await strict.close();
    }
  });
});

describe('a room that lets nobody in', () => {
  it('says so where one wants to join', async () => {
    const url = farUrl();
    const page = await openLobby(await somebody(), visit('Kim', { url, fragment: 'invite=wrong' }));
    await page.getByRole('button', { name: 'Join' }).click();
    await expect.poll(() => page.getByRole('alert').textContent(), PATIENCE).toMatch(/invite/);
  });
});
