/** Somebody speaks in a real room and shows something from a real browser, and a real interpreter looks: what that cost whom. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RoomUsage } from '@mediasoup-booth/protocol';
import { pino } from 'pino';
import { formatWav } from '../../audio/wav.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { keepInterpreting } from '../../bot/process/keep-interpreting.ts';
import { boothRoom } from '../../bot/room/booth-room.ts';
import { unlimitedConnections } from '../../bot/session/connection-limiter.ts';
import { openLiveTranslate } from '../../bot/session/livetranslate/connect.ts';
import { Thumbnailer } from '../../bot/vision/thumbnailer.ts';
import { endpoints, qwen3 } from '../../config/models.ts';
import { pricingOf } from '../../config/prices.ts';
import type { ConnectionRecord } from '../../engine/scripted/stats.ts';
import { pageDir } from '../../scripts/places.mjs';
import { systemClock } from '../../time/clock.ts';
import { temporaryFolder } from './booth-process.ts';
import { launchChromium } from './chromium.ts';
import { type Filming, film, type Sent, sentBy } from './filmed.ts';
import { signalUrl } from './meeting.ts';
import { joinPage } from './page.ts';
import { isRtp, Relay } from './relay.ts';
import { interpreter, person, startTestServer, tokenOf } from './server.ts';
import { signedInAt } from './signed-in.ts';
import { SimulatedVendor } from './simulated-vendor.ts';

export interface Talk {
  source: 'camera' | 'screen';
  filming: Filming;
  seconds: number;
}

export interface Cost {
  images: ConnectionRecord['images'];
  usage: RoomUsage;
  /** Of the video: what the page sent, and was asked for, while somebody spoke. */
  packets: number;
  keyFrames: number;
  /** And what of it came to the interpreter. */
  received: number;
}

const WARM_UP_MS = 10_000;
const VIDEO_PAYLOAD_TYPES = new Set([101, 103, 105, 107, 109]);

/** Ends with everything that it opened. */
export async function talkAndShow({ source, filming, seconds }: Talk): Promise<Cost> {
  const closing: (() => unknown)[] = [];
  try {
    const vendor = await SimulatedVendor.start();
    const pricing = pricingOf(qwen3, endpoints.international);
    const server = await startTestServer({
      pages: pageDir,
      model: qwen3,
      pricing,
      onDemand: false,
      pictures: 'onChange',
    });
    closing.unshift(() => server.close());
    const network = await Relay.start(signalUrl(server));
    closing.unshift(() => network.close());
    let received = 0;
    network.fate = (packet) => {
      if (isRtp(packet) && VIDEO_PAYLOAD_TYPES.has((packet[1] ?? 0) & 127)) received++;
      return 0;
    };

    const stopping = new AbortController();
    const running = keepInterpreting({
      room: {
        join: boothRoom({ url: network.url, token: tokenOf(interpreter('bot', { room: 'hall' })) }),
        connectionLimiter: unlimitedConnections,
      },
      languages: ['es'],
      model: qwen3,
      openSession: openLiveTranslate({
        url: vendor.url,
        model: qwen3.id,
        key: 'sk-any',
        clock: systemClock,
        log: silent,
      }),
      sessionIdleTimeoutMs: 240_000,
      playout: { tracks: 'mixed', maxLagMs: 8000, voices: 1 },
      vision: { mode: 'onChange', thumbnailer: new Thumbnailer() },
      clock: systemClock,
      log: silent,
      signal: stopping.signal,
      onRunning: () => {},
      onLost: () => {},
    });
    closing.unshift(async () => {
      stopping.abort();
      await running;
    });

    const browser = await launchChromium({ microphone: speechOf(seconds + 10) });
    closing.unshift(() => browser.close());
    const page = await joinPage(await browser.newContext({ bypassCSP: true, ...(await signedInAt(server)) }), {
      url: server.url,
      room: 'hall',
      name: 'Jane',
      before: async (lobby) => {
        await film(lobby, filming);
        await lobby.reload();
        await lobby.getByLabel('Name').fill('Jane');
        if (source === 'screen') return;
        await lobby.getByRole('button', { name: 'Camera on' }).click();
        await lobby.getByLabel('Your camera').waitFor();
      },
    });
    if (source === 'screen') await page.getByRole('button', { name: /share/i }).click();
    const headers = {
      Authorization: `Bearer ${tokenOf(person('host', { room: 'hall', grants: ['host', 'subscribe'] }))}`,
    };
    // Its encoder's first seconds are coarse.
    await delay(WARM_UP_MS);
    const before = await sending(page);
    const captions = await fetch(`${server.url}/v1/rooms/hall/captions?language=es`, { headers });
    closing.unshift(() => captions.body?.cancel());

    while (!(await vendor.stats()).connections.some(({ audioSeconds }) => audioSeconds > 1)) await delay(100);
    await delay(seconds * 1000);
    const after = await sending(page);
    // What was sent is reported every 5 s.
    await delay(6000);
    const usage: RoomUsage = await (await fetch(`${server.url}/v1/rooms/hall/usage`, { headers })).json();
    const { connections } = await vendor.stats();
    return {
      images: connections.flatMap(({ images }) => images),
      usage,
      packets: after.packetsSent - before.packetsSent,
      keyFrames: after.pliCount - before.pliCount,
      received,
    };
  } finally {
    for (const close of closing) await close();
  }
}

const silent = pino({ level: 'silent' });

async function sending(page: Parameters<typeof sentBy>[0]): Promise<Sent> {
  const sent = await sentBy(page, 'video');
  if (!sent) throw new Error('the page sends no video');
  return sent;
}

/** So many seconds of one human voice, as a file. */
export function speechOf(seconds: number): string {
  const { samples, sampleRate } = humanSpeech('demo-nogo');
  const long = new Int16Array(seconds * sampleRate);
  for (let at = 0; at < long.length; at += samples.length) long.set(samples.subarray(0, long.length - at), at);
  const file = join(temporaryFolder(), 'speech.wav');
  writeFileSync(file, formatWav({ samples: long, sampleRate }));
  return file;
}
