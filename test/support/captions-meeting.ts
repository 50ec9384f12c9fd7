/** A room in which something is said and interpreted, and pages of others on which it is read. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { TestBooth } from './booth.ts';
import { type ForeignPageOptions, startForeignPage } from './foreign-page.ts';
import { complaintsOf } from './page.ts';
import { PATIENCE, type ServedPages } from './served-pages.ts';
import { join, person, tokenOf } from './server.ts';

/** A room in which Jane and Luis are, and an interpreter in the hands of the test. */
export class Meeting {
  readonly room: string;
  readonly booth: TestBooth;
  readonly token: string;

  static async begin({ server, room }: Pick<ServedPages, 'server' | 'room'>): Promise<Meeting> {
    for (const name of ['Jane', 'Luis']) await join(server, person(name.toLowerCase(), { room, name }));
    const booth = await TestBooth.enter(server, room);
    for (const language of ['en', 'es', 'ar']) await booth.writes(language);
    onTestFinished(() => booth.leave());
    return new Meeting(room, booth);
  }

  private constructor(room: string, booth: TestBooth) {
    this.room = room;
    this.booth = booth;
    this.token = tokenOf({ identity: 'reader', room, grants: ['subscribe'] });
  }

  says(stable: string, more: Partial<Parameters<TestBooth['caption']>[0]> = {}): void {
    const base = {
      speaker: 'Jane',
      utterance: 'a',
      language: 'es',
      kind: 'translation',
      final: false,
      start: 0,
    } as const;
    this.booth.caption({ ...base, stable, ...more });
  }

  tag(attributes = 'language="es"'): string {
    return `<booth-captions room="${this.room}" token="${this.token}" ${attributes}></booth-captions>`;
  }
}

export async function open(here: ServedPages, url: string, options: BrowserContextOptions = {}) {
  const page = await (await here.somebody(options)).newPage();
  const complaints = complaintsOf(page);
  await page.goto(url);
  return { page, complaints };
}

interface EmbedOptions extends Partial<Omit<ForeignPageOptions, 'html'>> {
  context?: BrowserContextOptions;
  query?: Record<string, string>;
}

/** Somebody else's page with the widget and what is given. */
export async function embed(here: ServedPages, html: string, { context, query = {}, ...more }: EmbedOptions = {}) {
  const url = await startForeignPage({ booth: here.server.url, html, ...more });
  return open(here, `${url}?${new URLSearchParams(query)}`, context);
}

export const live = (page: Page) =>
  expect
    .poll(
      () =>
        page.evaluate(() => (document.querySelector('booth-captions') as { state?: { is: string } } | null)?.state?.is),
      PATIENCE,
    )
    .toBe('live');
export const lines = async (page: Page) =>
  (await page.locator('booth-captions .line').allTextContents()).map((line) => line.trim()).filter(Boolean);
export const reads = (page: Page) => expect.poll(() => lines(page), PATIENCE);

/** What the element lets a page do. */
export interface Captions {
  attach(channel: unknown): void;
  detach(channel?: unknown): void;
}
