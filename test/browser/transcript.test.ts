/** What was said can be read again, searched, taken away, and by hosts be switched off and deleted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transcript } from '@mediasoup-booth/protocol';
import type { Download, Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { folderNameOf } from '../../server/transcript/room-folder.ts';
import { findings } from '../support/axe-page.ts';
import { TestBooth } from '../support/booth.ts';
import { openPanel, switchOff, switchOn } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';
import { call, person, tokenOf } from '../support/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'booth-transcripts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const here = servePages({ server: { transcripts: { folder, retentionHours: 24 } } });
const { joins, guest } = here;

async function contentOf(file: Download): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('what was said', () => {
  const said = { speaker: 'Luis', utterance: 'a', language: 'en', kind: 'original', start: 1000, final: true } as const;
  const meant = { ...said, utterance: 'b', sourceUtterance: 'a', language: 'es', kind: 'translation' } as const;

  it('stands original beside translation, is searched, taken away as a file, and offered again on leaving', async () => {
    const jane = await joins('Jane', { fragment: 'read=es' });
    await joins('Luis');
    const booth = await TestBooth.enter(here.server, here.room);
    for (const language of ['en', 'es']) await booth.writes(language);
    await jane.keyboard.press('t');
    await jane.locator('booth-transcript').getByText('written down and kept for 24 hours').waitFor();
    const rows = jane.locator('booth-transcript li .sides');
    const sayAndRead = async () => {
      // Again and again, for the page may not have opened the channels yet.
      booth.caption({ ...said, stable: 'The information is here.' });
      booth.caption({ ...meant, stable: 'La información está aquí.' });
      return (await rows.allInnerTexts()).map((text) => text.split(/\s*\n\s*/));
    };
    await expect.poll(sayAndRead, PATIENCE).toEqual([['The information is here.', 'La información está aquí.']]);
    await jane.getByLabel('Search').fill('informacion');
    await jane.getByText('1 line found').waitFor();
    await jane.getByLabel('Search').fill('nobody said this');
    await jane.getByText('Nothing found').waitFor();

    const [file] = await Promise.all([
      jane.waitForEvent('download'),
      jane.getByRole('button', { name: 'TXT' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`${here.room}.es.txt`);
    expect(await contentOf(file)).toContain('La información está aquí.');

    await jane.getByRole('button', { name: 'Leave' }).click();
    await jane.getByText('You have left the meeting.').waitFor();
    const [later] = await Promise.all([
      jane.waitForEvent('download'),
      jane.getByRole('button', { name: 'SRT' }).click(),
    ]);
    expect(await contentOf(later)).toContain('La información está aquí.');
    booth.leave();
  });
});

describe('a transcript', () => {
  const said = { speaker: 'Luis', language: 'en', kind: 'original', final: true } as const;
  /** Of the page's transcript, once it is as long. */
  const lines = (page: Page) => page.locator('booth-transcript li .original').allInnerTexts();

  it('is switched off and on by the host, deleted once that is confirmed, and everyone is told in place', async () => {
    const jane = await joins('Jane', { fragment: 'read=original' });
    const luis = await joins('Luis', { fragment: `${guest().fragment}&read=original` });
    const booth = await TestBooth.enter(here.server, here.room);
    await booth.writes('en');
    const kept = async () => {
      const token = tokenOf(person('reader', { room: here.room }));
      const { body } = await call(here.server, 'GET', `/v1/rooms/${here.room}/transcript?language=original`, { token });
      return Transcript.safeParse(body).data?.entries.map(({ text }) => text) ?? [];
    };
    await luis.keyboard.press('t');
    const sayFirst = () => {
      // Again and again, for the page may not have opened the channel yet.
      booth.caption({ ...said, utterance: 'a', start: 1, stable: 'This is kept.' });
      return lines(luis);
    };
    await expect.poll(sayFirst, PATIENCE).toEqual(['This is kept.']);

    await openPanel(jane);
    await switchOff(jane.getByLabel('Write down what is said'));
    const told = luis.locator('booth-meeting-notices');
    await told.getByText('The host has switched the transcript off').waitFor();
    await luis.locator('booth-transcript').getByText('What is said is not written down.').waitFor();
    expect(await findings(luis)).toEqual([]);
    booth.caption({ ...said, utterance: 'b', start: 3_600_000, stable: 'This is not.' });
    await expect.poll(() => lines(luis), PATIENCE).toEqual(['This is kept.', 'This is not.']);
    expect(await kept()).toEqual(['This is kept.']);

    await switchOn(jane.getByLabel('Write down what is said'));
    await told.getByText('The host has switched the transcript on.').waitFor();
    booth.caption({ ...said, utterance: 'c', start: 3_600_001, stable: 'This is again.' });
    await expect.poll(kept, PATIENCE).toEqual(['This is kept.', 'This is again.']);

    await jane.getByRole('button', { name: 'Delete what was written down' }).click();
    await jane.getByText('for everyone and for good').waitFor();
    expect(await findings(jane)).toEqual([]);
    await jane.getByRole('button', { name: 'Really delete it?' }).click();
    await told.getByText('The host has deleted what was written down so far.').waitFor();
    await expect.poll(() => lines(luis), PATIENCE).toEqual([]);
    expect(await kept()).toEqual([]);
    const late = await joins('Late', { fragment: 'read=original' });
    await late.keyboard.press('t');
    await late.getByText('What is said and interpreted will stand here.').waitFor();
    expect(await late.getByText('This is').count()).toBe(0);
    booth.leave();
  });

  it('that the disk does not take is told to the host alone, until it does', async () => {
    const file = join(folder, folderNameOf(here.room));
    writeFileSync(file, 'no folder');
    const jane = await joins('Jane', { fragment: 'read=original' });
    const luis = await joins('Luis', guest());
    const booth = await TestBooth.enter(here.server, here.room);
    await booth.writes('en');
    booth.caption({ ...said, utterance: 'a', start: 1, stable: 'Nobody can write this down.' });
    const notice = (page: Page) => page.getByText("The server's disk takes nothing at present");
    await notice(jane).waitFor();
    expect(await notice(luis).count()).toBe(0);
    rmSync(file);
    await notice(jane).waitFor({ state: 'detached' });
    booth.leave();
  });
});
