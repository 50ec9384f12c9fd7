/** What the interpreter's panel lets everyone choose, and hosts decide for all. */
import { describe, expect, it } from 'vitest';
import { findings } from '../support/axe-page.ts';
import { joinPage, openPanel, switchOff, switchOn, tile } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { inTheCloud, interpreter, join } from '../support/server.ts';

const here = servePages({ server: inTheCloud });
const { somebody, visit, joins, guest } = here;

describe('the interpreter panel', () => {
  it('says that pictures are looked at, and refuses mine for good', async () => {
    const booth = await join(here.server, interpreter('booth', { room: here.room }));
    const context = await somebody();
    const jane = await joinPage(context, visit('Jane'));
    await openPanel(jane);
    await jane.getByText('also looks at cameras').waitFor();
    await switchOn(jane.getByLabel('No pictures of me'));
    await booth.hears('participant.updated', ({ preferences }) => !preferences.pictures);
    await jane.close();
    const again = await joinPage(context, visit('Jane'));
    await booth.hears('participant.joined', ({ participant }) => participant.name === 'Jane' && !participant.pictures);
    await openPanel(again);
    expect(await again.getByLabel('No pictures of me').isChecked()).toBe(true);
    booth.leave();
  });

  it('keeps interpreters away from my microphone, and does so the next time', async () => {
    const booth = await join(here.server, interpreter('booth', { room: here.room }));
    const context = await somebody();
    const jane = await joinPage(context, visit('Jane'));
    await openPanel(jane);
    await switchOn(jane.getByLabel('Don’t interpret me'));
    await booth.hears('participant.updated', ({ preferences }) => !preferences.interpret);
    await jane.close();
    const again = await joinPage(context, visit('Jane'));
    await booth.hears('participant.joined', ({ participant }) => participant.name === 'Jane' && !participant.interpret);
    await openPanel(again);
    await switchOff(again.getByLabel('Don’t interpret me'));
    await expect.poll(() => booth.all('participant.updated').at(-1)?.preferences.interpret, PATIENCE).toBe(true);
    booth.leave();
  });

  it('tells what an hour costs, and to hosts what was spent', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    await jane.getByText(/An hour of one person’s speech into one language: (\$|¥|CN¥)\d/).waitFor();
    await jane.getByText(/Today so far: (\$|¥|CN¥)0/).waitFor();
  });

  it('lets a host send an interpreter as they like, and send it away', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    const before = here.server.launches.length;
    await jane.getByLabel('Into which languages').first().selectOption('chosen');
    await jane.getByLabel('Look at pictures').selectOption('off');
    await jane.getByRole('button', { name: 'Send anew with this' }).click();
    await expect.poll(() => here.server.launches.length, PATIENCE).toBe(before + 1);
    const [launch] = here.server.launches.slice(-1);
    expect(launch?.assignment).toMatchObject({ pictures: 'off', languages: [expect.any(String)] });
    await expect.poll(() => jane.getByLabel('Interpret this meeting').isChecked(), PATIENCE).toBe(true);
    await jane.getByLabel('Interpret this meeting').click();
    await expect.poll(() => launch?.stopped, PATIENCE).toBe(true);
    await expect.poll(() => jane.getByLabel('Interpret this meeting').isChecked(), PATIENCE).toBe(false);
  });

  it('takes a voice, captions alone and terms for languages that people may choose, and keeps what is typed', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    const { launches } = here.server;
    const before = launches.length;
    const language = jane.getByLabel('How it interprets into');
    const terms = jane.getByLabel('Terms and their translations');
    const sendAnew = () => jane.getByRole('button', { name: 'Send anew with this' }).click();
    await language.selectOption('zh');
    await jane.getByLabel('Voice', { exact: true }).selectOption({ label: 'Jada (Shanghai)' });
    await language.selectOption('es');
    await switchOn(jane.getByLabel('Captions only'));
    expect(await jane.getByLabel('Voice', { exact: true }).count()).toBe(0);
    await terms.fill('Booth: Cabina\nSFU');
    await language.selectOption('ar');
    expect(await jane.getByLabel('Captions only').count()).toBe(0);
    await sendAnew();
    await jane.getByText('Line 2 is not of the form').waitFor();
    expect(await language.locator('option:checked').innerText()).toBe('Español · captions only · 1 term');
    expect(await terms.inputValue()).toBe('Booth: Cabina\nSFU');
    expect(await findings(jane)).toEqual([]);
    expect(launches.length).toBe(before);

    await terms.fill('Booth: Cabina');
    await expect.poll(() => jane.getByText('Line 2 is not of the form').count(), PATIENCE).toBe(0);
    await sendAnew();
    await expect.poll(() => launches.length, PATIENCE).toBe(before + 1);
    const languageSettings = { zh: { voice: 'Jada' }, es: { audio: false, hotwords: { Booth: 'Cabina' } } };
    expect(launches.at(-1)?.assignment).toMatchObject({ languages: 'auto', languageSettings });
    await expect.poll(() => jane.getByRole('button', { name: 'Send anew with this' }).count(), PATIENCE).toBe(0);

    // Nothing of it is lost with what is changed later.
    await jane.getByLabel('Look at pictures').selectOption('off');
    await sendAnew();
    await expect.poll(() => launches.length, PATIENCE).toBe(before + 2);
    expect(launches.at(-1)?.assignment).toMatchObject({ pictures: 'off', languageSettings });
    expect(await terms.inputValue()).toBe('Booth: Cabina');
  });

  it('keeps what is typed where the server refuses it, and the interpreter who is there', async () => {
    const jane = await joins('Jane');
    await openPanel(jane);
    const before = here.server.launches.length;
    await switchOn(jane.getByLabel('Interpret this meeting'));
    await expect.poll(() => here.server.launches.length, PATIENCE).toBe(before + 1);
    await jane.route('**/interpreters', async (route) => {
      const refused = {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        code: 'invalid',
        detail: 'No such voice.',
      };
      if (route.request().method() !== 'POST') await route.fallback();
      else await route.fulfill({ status: 400, contentType: 'application/problem+json', json: refused });
    });
    await jane.getByLabel('How it interprets into').selectOption('fr');
    await jane.getByLabel('Terms and their translations').fill('Booth: Cabine');
    await jane.getByRole('button', { name: 'Send anew with this' }).click();
    await jane.getByText('No such voice.').waitFor();
    expect(await jane.getByLabel('Terms and their translations').inputValue()).toBe('Booth: Cabine');
    expect(here.server.launches.at(-1)?.stopped).toBe(false);
  });

  it('offers nothing of this to guests', async () => {
    const luis = await joins('Luis', guest());
    await openPanel(luis);
    await luis.getByText('The voice you hear may be synthetic.').waitFor();
    expect(await luis.getByText('For the host').count()).toBe(0);
  });
});

describe('a host', () => {
  it('mutes somebody, who reads it and unmutes', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis', guest());
    await openPanel(jane);
    await jane.getByRole('button', { name: 'Mute Luis' }).click();
    await luis.getByText('The host has muted you.').waitFor();
    await tile(jane, 'Luis').getByText('muted').waitFor({ state: 'attached' });
    await luis.locator('booth-meeting-notices').getByRole('button', { name: 'Unmute' }).click();
    await tile(jane, 'Luis').getByText('muted').waitFor({ state: 'detached' });
  });

  it('removes somebody once that is confirmed, who stays away', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Luis', guest());
    await openPanel(jane);
    await jane.getByRole('button', { name: 'Remove Luis', exact: true }).click();
    await jane.getByRole('button', { name: 'Really remove Luis?' }).click();
    await luis.getByText('You are no longer in this room').waitFor();
    await tile(jane, 'Luis').waitFor({ state: 'detached' });
  });
});
