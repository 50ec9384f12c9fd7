/** What a page offers to hear and read is what the engine can do; an interpreter comes when it is chosen. */
import { describe, expect, it } from 'vitest';
import { joinPage, openLobby, tile } from '../support/page.ts';
import { servePages } from '../support/served-pages.ts';

const here = servePages({
  server: { engine: { model: 'booth-offline', kind: 'offline', label: 'Offline engine · rough translation' } },
});
const { somebody, visit, joins } = here;

describe('what is offered', () => {
  it('is what the engine can do, with who processes speech', async () => {
    const page = await openLobby(await somebody(), visit('Jane'));
    expect(await page.getByLabel('I hear').locator('option').allTextContents()).toEqual([
      'Original',
      'Español (Spanish)',
    ]);
    const reads = await page.getByLabel('I read').locator('option').allTextContents();
    expect(reads).toContain('English · captions only');
    await page.getByText('Offline engine · rough translation').waitFor();
    await page.getByText('The voice you hear may be synthetic.').waitFor();
  });

  it('tells who speaks another language, and everybody else, that it is not interpreted', async () => {
    const jane = await joins('Jane');
    await joins('Dieter', {
      before: async (page) => {
        await page.getByLabel('I speak').selectOption('de');
        await page.getByText('does not understand German').waitFor();
      },
    });
    await tile(jane, 'Dieter').getByText('German is not interpreted here').waitFor();
  });

  it('brings an interpreter when it is chosen, and not before', async () => {
    const before = here.server.launches.length;
    const jane = await joins('Jane');
    await jane.getByRole('status').getByText('No interpreter').waitFor();
    expect(here.server.launches.length).toBe(before);
    await jane.getByLabel('Hear', { exact: true }).selectOption('es');
    await jane.getByRole('status').getByText('Interpreter is coming in').waitFor();
    expect(here.server.launches.length).toBe(before + 1);
  });

  it('is remembered on the next visit', async () => {
    const context = await somebody();
    const first = await joinPage(context, visit('Jane', { fragment: 'hear=es&read=original,es' }));
    await first.close();
    const second = await context.newPage();
    await second.goto(`${here.server.url}/room/${here.room}`);
    expect(await second.getByLabel('Name').inputValue()).toBe('Jane');
    expect(await second.getByLabel('I hear').inputValue()).toBe('es');
    expect(await second.getByLabel('I read').inputValue()).toBe('original es');
  });
});
