/**
 * Firefox on the computer that Booth runs on, which has no other address, so that no media are connected: in every language of the page.
 * Chromium stands in for it here, with Firefox' user agent and with connections that fail as Firefox' do; `firefox.test.ts` has the real one.
 */
import { describe, expect, it } from 'vitest';
import { Meeting } from '../support/captions-meeting.ts';
import { captions } from '../support/page.ts';
import { PATIENCE, servePages } from '../support/served-pages.ts';

const here = servePages();

/** Firefox gives up after 5 s or so. */
const FAILS_AFTER_MS = 5_000;
const SOON_MS = 10_000;
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** Runs in the page: no candidate of the server is used, and every connection fails. */
function connectNothing(afterMs: number): void {
  RTCPeerConnection.prototype.addIceCandidate = async () => undefined;
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  const failing = new WeakSet<RTCPeerConnection>();
  RTCPeerConnection.prototype.setRemoteDescription = function (this: RTCPeerConnection, description) {
    const sdp = description.sdp?.replace(/^a=candidate:.*\r\n/gm, '');
    setTimeout(() => {
      failing.add(this);
      this.dispatchEvent(new Event('connectionstatechange'));
    }, afterMs);
    return set.bind(this)({ ...description, ...(sdp !== undefined && { sdp }) });
  };
  Object.defineProperty(RTCPeerConnection.prototype, 'connectionState', {
    get(this: RTCPeerConnection) {
      return failing.has(this) ? 'failed' : 'connecting';
    },
  });
}

describe('Firefox at 127.0.0.1', () => {
  it.each([
    ['en-US', 'Firefox lets no sound and no pictures through'],
    ['es', 'Firefox no deja pasar sonido ni imágenes'],
    ['ar', 'لا يمرّر Firefox الصوت والصورة'],
  ])('is told within 10 s what to do, in %s, and captions go on', async (locale, text) => {
    const meeting = await Meeting.begin(here);
    const context = await here.somebody({ userAgent: USER_AGENT, locale });
    await context.addInitScript(connectNothing, FAILS_AFTER_MS);
    const page = await context.newPage();
    await page.goto(`${here.server.url}/room/${here.room}#read=es`);
    await page.locator('form .primary').click();
    const sinceMs = performance.now();
    await page.locator('booth-meeting').waitFor();
    const told = page.locator('booth-meeting-notices').getByText(text);
    await told.waitFor();
    const tookMs = Math.round(performance.now() - sinceMs);
    console.info(`told after ${tookMs} ms`);
    // It fails after 5 s here; the rest is for a slow machine.
    expect(tookMs).toBeLessThan(SOON_MS + FAILS_AFTER_MS);
    for (const [index, sentence] of ['Primero.', 'Segundo.'].entries()) {
      meeting.says(sentence, { utterance: `u${index}`, final: true });
      await expect.poll(() => captions(page).allTextContents(), PATIENCE).toContain(sentence);
    }
    expect(await told.isVisible()).toBe(true);
    // It has stopped joining again and again, and says nothing of it any more.
    const lost = page
      .locator('booth-meeting-notices')
      .getByText(/connection to the room|conexión con la sala|الاتصال بالغرفة/);
    await expect.poll(() => lost.count(), PATIENCE).toBe(0);
  });
});
