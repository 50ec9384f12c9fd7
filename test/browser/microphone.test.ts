/** Whose microphone is on: one of several, of one tab of a browser, and of whom may speak. */
import { describe, expect, it } from 'vitest';
import { hears, joinPage, microphone, openLobby, tile } from '../support/page.ts';
import { servePages } from '../support/served-pages.ts';

const { somebody, visit, joins, guest } = servePages();

describe('a microphone', () => {
  it('is one of several, as it is chosen, and remembered', async () => {
    const context = await somebody();
    const page = await openLobby(context, visit('Jane'));
    await page.getByRole('meter').waitFor();
    const list = page.getByLabel('Microphone', { exact: true });
    const names = (await list.locator('option').allTextContents()).slice(1);
    expect(names.length).toBeGreaterThan(1);
    await list.selectOption({ label: names[1] ?? '' });
    const chosen = await list.inputValue();
    await page.close();
    const again = await openLobby(context, visit('Jane'));
    await again.getByRole('meter').waitFor();
    expect(await again.getByLabel('Microphone', { exact: true }).inputValue()).toBe(chosen);
  });
});

describe('a second tab of the same browser', () => {
  it('listens only, says why, and speaks when it is told to', async () => {
    const context = await somebody();
    const first = await joinPage(context, visit('Jane'));
    const second = await openLobby(context, visit('Jane again'));
    await second.getByText('You are in this room in another tab').waitFor();
    await second.getByRole('button', { name: 'Join' }).click();
    await second.getByText('Two tabs hear each other').waitFor();
    await tile(first, 'Jane again').getByText('muted').waitFor({ state: 'attached' });
    await hears(second, microphone);
    expect(await first.locator('audio').count()).toBe(0);

    await second.getByRole('button', { name: 'Turn the microphone on anyway' }).click();
    await hears(first, microphone);
  });

  it('gives its microphone back where the other one joins first', async () => {
    const context = await somebody();
    const slow = await openLobby(context, visit('Slow'));
    await slow.getByRole('meter').waitFor();
    await joinPage(context, visit('Quick'));
    await slow.getByRole('button', { name: 'Join' }).click();
    await slow.getByText('Two tabs hear each other').waitFor();
    await tile(slow, 'Slow').getByText('muted').waitFor({ state: 'attached' });
  });
});

describe('someone who may only listen', () => {
  it('hears the others, and reads that they cannot speak', async () => {
    const jane = await joins('Jane');
    const luis = await joins('Guest', guest(['subscribe']));
    await luis.getByText('publishing needs').waitFor();
    await hears(luis, microphone);
    await tile(jane, 'Guest').getByText('muted').waitFor({ state: 'attached' });
  });
});
