/**
 * A room of 120 of whom 20 send what their limits allow, at a server in a process of its own: nobody else waits for them. What the same
 * server takes while nobody is restless is measured before, so that the computer's own load is not counted.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { signalUrl } from '@mediasoup-booth/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { percentile } from '../../bench/bench.ts';
import { joinRoom } from '../../bot/room/join-room.ts';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { systemClock } from '../../time/clock.ts';
import { startBooth } from '../support/booth-process.ts';
import { readCaptions } from '../support/caption-events.ts';
import { caption } from '../support/room-messages.ts';
import { interpreter, person, secret, tokenOf, type Who } from '../support/server.ts';
import { until } from '../support/until.ts';

const MEASURED_MS = 20_000;
const CAPTION_EVERY_MS = 100;
const guestsScript = fileURLToPath(new URL('../support/restless-guests.ts', import.meta.url));

const enter = (url: string, who: Who) =>
  joinRoom({ url: signalUrl(url), token: tokenOf(who), clock: systemClock, events: { changed() {}, ended() {} } });

it.each([
  [100, 20],
  [120, 20],
])('%d guests of whom %d send what they may keep nobody waiting', async (guests, restless) => {
  const environment = {
    BOOTH_PORT: '0',
    BOOTH_RTC_PORT: '0',
    BOOTH_SECRET: secret,
    BOOTH_INTERPRETATION_ON_DEMAND: 'false',
    BOOTH_TRANSCRIPT_RETENTION_HOURS: '0',
  };
  const server = startBooth(['start'], { environment });
  await until(() => server.output.stdout.includes('\n'));
  const url = new URL(server.output.stdout.trim()).origin;
  const crowd = spawn(process.execPath, [guestsScript, url, `${guests}`, `${restless}`], {
    env: { ...process.env, ...endsWithThisProcess() },
  });
  onTestFinished(() => void crowd.kill('SIGKILL'));
  let printed = '';
  crowd.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await until(() => printed.includes('ready'));

  const ben = await enter(url, person('ben', { name: 'Ben' }));
  const booth = await enter(url, interpreter('booth'));
  const captions = booth.publishCaptions('es');
  await captions.opened;
  const reader = await readCaptions({ url }, 'demo', 'es', tokenOf(person('reader')));
  /** When each caption was sent, and how late it came to its reader. */
  const sentMs = new Map<string, number>();

  async function measure(): Promise<{ healthMs: number; captionMs: number }> {
    const [health, late]: [number[], number[]] = [[], []];
    const endMs = performance.now() + MEASURED_MS;
    let [nextCaptionMs, seen] = [0, reader.messages.length];
    while (performance.now() < endMs) {
      const nowMs = performance.now();
      if (nowMs >= nextCaptionMs) {
        nextCaptionMs = nowMs + CAPTION_EVERY_MS;
        const utterance = `u${sentMs.size}`;
        sentMs.set(utterance, nowMs);
        captions.send(JSON.stringify(caption(utterance, { stable: 'Nadie espera por nadie.' })));
      }
      await (await fetch(`${url}/healthz`)).text();
      health.push(performance.now() - nowMs);
      for (const message of reader.messages.slice(seen))
        if ('utterance' in message) late.push(performance.now() - (sentMs.get(message.utterance) ?? 0));
      seen = reader.messages.length;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(late.length).toBeGreaterThan((MEASURED_MS / CAPTION_EVERY_MS) * 0.5);
    return { healthMs: percentile(health, 0.99), captionMs: percentile(late, 0.99) };
  }

  const quiet = await measure();
  crowd.stdin.write('go\n');
  const busy = await measure();
  console.log({ guests, restless, quiet, busy });
  expect(printed).not.toContain('ended');
  expect(busy.healthMs).toBeLessThanOrEqual(100 + quiet.healthMs);
  expect(busy.captionMs).toBeLessThanOrEqual(300 + quiet.captionMs);
  ben.close();
  booth.close();
  reader.close();
});
