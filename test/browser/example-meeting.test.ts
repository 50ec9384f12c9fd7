/**
 * The example application, which knows Booth's packages as npm would install them, and nothing else of the tree: with the oldest
 * and the newest mediasoup-client, without an interpreter and with one.
 */
import { describe, expect, it } from 'vitest';
import {
  browser,
  hearsOnePerson,
  isInterpreted,
  joins,
  open,
  packsPackages,
  SENTENCE,
  started,
  staysInterpreted,
} from '../support/example-visit.ts';
import { microphoneOf } from '../support/recorded-microphone.ts';

packsPackages();

describe('the plain application', () => {
  it('lets two people hear each other', async () => {
    const server = await started({ variant: 'plain', client: 'mediasoup-client-3.7' });
    const shared = await browser(microphoneOf(SENTENCE));
    const ana = await joins(await open(server, shared), 'Ana');
    const ben = await joins(await open(server, shared), 'Ben');
    for (const page of [ana, ben]) await hearsOnePerson(page);
    await ana.getByRole('button', { name: 'Leave' }).click();
    await expect.poll(() => ben.locator('#people li').count()).toBe(0);
  });

  it('tells people why they cannot join, and lets go of their microphone', async () => {
    const server = await started({ variant: 'plain', client: 'mediasoup-client-3.7' });
    const page = await open(server, await browser(microphoneOf()));
    await page.evaluate(() => {
      const { mediaDevices } = navigator;
      const ask = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (constraints) => {
        const stream = await ask(constraints);
        Object.assign(globalThis, { tracks: stream.getTracks() });
        return stream;
      };
    });
    await server.stop();
    await page.getByLabel('Your name').fill('Ana');
    await page.getByRole('button', { name: 'Join' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(/error/);
    expect(await page.getByRole('button', { name: 'Join' }).isVisible()).toBe(true);
    const states = () =>
      page.evaluate(() =>
        (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.map((one) => one.readyState),
      );
    expect(await states()).toEqual(['ended']);
  });
});

describe('the application with an interpreter', () => {
  describe('and the oldest mediasoup-client', () => isInterpreted('mediasoup-client-3.7'));
  describe('and the newest', () => staysInterpreted('mediasoup-client'));
});
