/** The meeting page in the hands of a person: what they do with it, and what they hear and read. */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export interface Visit {
  url: string;
  room: string;
  name: string;
  /** After `#`: an invite, or what is proposed to hear and read. */
  fragment?: string;
  /** What is done before joining. */
  before?(page: Page): Promise<void>;
}

/** The page before joining, and what its browser complains of. */
export async function openLobby(context: BrowserContext, { url, room, name, fragment }: Visit): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/room/${room}${fragment ? `#${fragment}` : ''}`);
  await page.getByLabel('Name').fill(name);
  return page;
}

export async function joinPage(context: BrowserContext, visit: Visit): Promise<Page> {
  const page = await openLobby(context, visit);
  await visit.before?.(page);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.locator('booth-meeting').waitFor();
  return page;
}

/** Somebody's tile. */
export const tile = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
export const captions = (page: Page) => page.locator('booth-caption-list .line');
/** What it tells of the interpreter, and lets one choose. */
export const openPanel = (page: Page) => page.getByRole('button', { name: 'Interpreter' }).click();

/**
 * Ticks a box that shows its new state only when the server has answered, and waits for that. Playwright's own `check()` looks at
 * the box as soon as it has clicked, and fails where the answer takes longer than that.
 */
export async function switchOn(box: Locator): Promise<void> {
  await box.and(box.page().locator(':enabled:not(:checked)')).click();
  await box.and(box.page().locator(':enabled:checked')).waitFor();
}

/** Unticks a box as `switchOn` ticks it. */
export async function switchOff(box: Locator): Promise<void> {
  await box.and(box.page().locator(':enabled:checked')).click();
  await box.and(box.page().locator(':enabled:not(:checked)')).waitFor();
}

/** What its browser complains of, from now on. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

/** A voice that comes from a microphone, as against a channel. */
export const microphone = { source: 'microphone' };
/** What a voice has and silence has not. */
export const AUDIBLE = 0.05;

/** Whom the page sounds of: where a track came from. */
export type Voice = { participant: string } | { language: string } | { source: string };

const elementOf = (voice: Voice): string =>
  Object.entries(voice)
    .map(([name, value]) => `audio[data-${name}="${value}"]`)
    .join('');

/** The loudest sample that a voice brings within `ms`, from 0 to 1, whatever the element's volume. */
export async function loudness(page: Page, voice: Voice, ms = 1_500): Promise<number> {
  await page.locator(elementOf(voice)).waitFor({ state: 'attached' });
  return page.evaluate(listen, { selector: elementOf(voice), ms });
}

/** Waits until a voice is heard: a busy computer plays it in pieces, and late. */
export const hears = (page: Page, voice: Voice): Promise<void> =>
  expect.poll(() => loudness(page, voice), { timeout: 60_000, interval: 100 }).toBeGreaterThan(AUDIBLE);

/** The volume at which a voice is played. */
export const volume = (page: Page, voice: Voice): Promise<number> =>
  page
    .locator(elementOf(voice))
    .evaluate((element) => (element instanceof HTMLAudioElement ? element.volume : Number.NaN));

/** Runs in the page. */
async function listen({ selector, ms }: { selector: string; ms: number }): Promise<number> {
  const element = document.querySelector(selector);
  if (!(element instanceof HTMLAudioElement) || !(element.srcObject instanceof MediaStream) || element.paused) return 0;
  const context = new AudioContext();
  await context.resume();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(element.srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  for (const end = performance.now() + ms; performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    analyser.getFloatTimeDomainData(samples);
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  }
  await context.close();
  return loudest;
}
