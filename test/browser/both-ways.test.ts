/**
 * Two languages both ways: an interpreter that follows what people choose (`auto`), between two pages whose microphones are recordings.
 * Server, interpreter and the simulated service are processes of their own.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { qwen3 } from '../../config/models.ts';
import { launchChromium } from '../support/chromium.ts';
import { hears, joinPage } from '../support/page.ts';
import { microphoneOf } from '../support/recorded-microphone.ts';
import { ServedMeeting } from '../support/served.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';

const PATIENCE = { timeout: 90_000, interval: 200 };
const KEY = 'sk-both-ways';
const sentences = ['conf-waitforleader', 'conf-now-recording', 'conf-leaderhasleft', 'conf-onlyone'];

const captions = async (page: Page) => (await page.locator('booth-caption-list .line').allInnerTexts()).join('\n');

describe('two people who speak, hear and read a language each', () => {
  it('read and hear each other in their own, and no translation of their own words', async () => {
    // A word that it translates begins with the language into which it does.
    const vendor = await SimulatedVendor.start({ account: { keys: [KEY] } });
    const meeting = await ServedMeeting.start({
      DASHSCOPE_API_KEY: KEY,
      BOOTH_LIVETRANSLATE_URL: vendor.url,
      BOOTH_LIVETRANSLATE_MODEL: qwen3.id,
    });
    const { url, room } = meeting;
    const signedIn = await meeting.signedIn;
    const comes = async (name: string, language: string) => {
      const browser = await launchChromium({ microphone: microphoneOf(...sentences, ...sentences) });
      onTestFinished(() => browser.close());
      const fragment = `speak=${language}&hear=${language}&read=${language}`;
      return joinPage(await browser.newContext(signedIn), { url, room, name, fragment });
    };
    const jane = await comes('Jane', 'en');
    const luis = await comes('Luis', 'es');

    const heard = Promise.all([hears(jane, { language: 'en' }), hears(luis, { language: 'es' })]);
    await expect.poll(() => captions(jane), PATIENCE).toMatch(/\ben:\w+/);
    await expect.poll(() => captions(luis), PATIENCE).toMatch(/\bes:\w+/);
    await heard;
    expect(await captions(jane)).not.toMatch(/\bes:/);
    expect(await captions(luis)).not.toMatch(/\ben:/);

    const { connections } = await vendor.stats();
    const pairs = new Set(
      connections.map(({ configuration }) => `${configuration?.source} to ${configuration?.target}`),
    );
    // Until Luis has come, what Jane says is written down for her alone.
    expect([...pairs].filter((pair) => pair !== 'en to en').sort()).toEqual(['en to es', 'es to en']);
  });
});
