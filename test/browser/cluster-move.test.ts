/** Pages in a room that moves to another server, while one of them sends sound without a pause. */
import { expect, it, onTestFinished } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { ownerAmong, TestCluster } from '../support/cluster.ts';
import { MovingListener } from '../support/moving-listener.ts';
import { joinPage, tile } from '../support/page.ts';
import { person, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const FRAME_MS = 20;
/** Whoever comes back after a loss is silent for more than a second. */
const FRAMES_MISSED = 30;

it('go on there without a gap, muted who was muted, and say nothing of it', async () => {
  const cluster = await TestCluster.start(2);
  const answer = await fetch(`${cluster.url}/v1/rooms/demo/invites`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${tokenOf(person('root', { grants: ['admin'] }))}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({ grants: ['publish', 'subscribe'] }),
  });
  const { invite } = (await answer.json()) as { invite: string };
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const joins = async (name: string) =>
    joinPage(await browser.newContext({ locale: 'en-US' }), {
      url: cluster.url,
      room: 'demo',
      name,
      fragment: `invite=${invite}`,
    });
  const [jane, kim] = [await joins('Jane'), await joins('Kim')];
  await kim.keyboard.press('m');
  await tile(jane, 'Kim').getByText('muted').waitFor({ state: 'attached' });
  const notices: string[] = [];
  await jane.exposeFunction('noticed', (text: string) => notices.push(text));
  await jane.evaluate(() => {
    const textIn = (root: ParentNode & Node): string =>
      (root.textContent ?? '') +
      [...root.querySelectorAll('*')].map(({ shadowRoot }) => (shadowRoot ? textIn(shadowRoot) : '')).join(' ');
    setInterval(() => {
      const text = textIn(document.body);
      if (text.includes('Coming back by itself'))
        (globalThis as unknown as { noticed(text: string): void }).noticed(text);
    }, 50);
  });
  const listener = new MovingListener(cluster.url, 'Jane');
  await until(() => listener.packetsMs.length > 50);

  const owner = await ownerAmong(cluster.nodes);
  const stopped = owner.stop();
  await until(() => listener.rooms.length === 2);
  const movedMs = performance.now();
  await until(() => (listener.packetsMs.at(-1) ?? 0) > movedMs + 2000);
  const aroundTheMove = listener.packetsMs.filter((ms) => ms > movedMs - 1000 && ms < movedMs + 2000);
  expect(aroundTheMove.length).toBeGreaterThan(3000 / FRAME_MS - FRAMES_MISSED);
  const isPaused = (name: string) => listener.named(name).map(({ producers }) => producers.map(({ paused }) => paused));
  expect([isPaused('Jane'), isPaused('Kim')]).toEqual([[[false]], [[true]]]);
  await tile(jane, 'Kim').getByText('muted').waitFor({ state: 'attached' });
  expect(notices).toEqual([]);

  // They are unmuted there as they would be here.
  await kim.keyboard.press('m');
  await tile(jane, 'Kim').getByText('muted').waitFor({ state: 'detached' });
  expect(await stopped).toBe(0);
});
