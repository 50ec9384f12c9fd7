/** A headless participant whose media path is lost, while its signalling stays: a real server, a real worker and werift. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ReceivedPacket } from '@mediasoup-booth/werift-handler';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import type { Clock } from '../../time/clock.ts';
import { Guest, say, signalUrl } from '../support/meeting.ts';
import { canMakeNetworks, TestNetwork } from '../support/network-namespace.ts';
import { Relay } from '../support/relay.ts';
import { spoken, textIn } from '../support/room-messages.ts';
import { interpreter, person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { tone } from '../support/sound.ts';
import { until } from '../support/until.ts';

const SPEED = 3;
/** Silence that people may meet after a change of network. */
const BACK_WITHIN_MS = 8000;
/** After so many restarts in vain a cut has lasted for several seconds. */
const CUT_RESTARTS = 3;
/** Waits of many seconds pass in a few. */
const fastClock: Clock = {
  now: () => performance.now() * SPEED,
  after(ms, run) {
    const timer = setTimeout(run, ms / SPEED);
    return () => clearTimeout(timer);
  },
};

describe('a headless participant whose packets are lost', () => {
  let server: TestServer;
  const opened: { close(): unknown }[] = [];
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });
  afterAll(() => server.close());

  /** An interpreter behind a network of its own and a listener, who hear each other. */
  const meet = async (options: { clock?: Clock } = {}) => {
    const network = await Relay.start(signalUrl(server));
    opened.push(network);
    const bot = await Guest.enter(server, interpreter('bot'), { url: network.url, ...options });
    const eva = await Guest.enter(server, person('eva'));
    opened.push(bot.room, eva.room);
    const loop = { loop: true };
    const channel = await say(await bot.room.publishChannel('es'), tone(440, 1000, VOICE_SAMPLE_RATE), loop);
    const microphone = await say(await eva.room.publishMicrophone(), tone(660, 1000, VOICE_SAMPLE_RATE), loop);
    opened.push({ close: channel.stop }, { close: microphone.stop });
    const captions = bot.room.publishCaptions('es');
    await captions.opened;
    const texts: string[] = [];
    await eva.room.receiveTexts(await eva.captionsOf('bot'), (text) => texts.push(textIn(text)));
    const received = { byEva: [] as ReceivedPacket[], byBot: [] as ReceivedPacket[] };
    const channelId = await eva.microphoneOf('bot');
    await eva.room.receiveAudio(channelId, (packet) => received.byEva.push(packet));
    await bot.room.receiveAudio(await bot.microphoneOf('eva'), (packet) => received.byBot.push(packet));
    const flows = async () => {
      const [byEva, byBot] = [received.byEva.length, received.byBot.length];
      await until(() => received.byEva.length > byEva + 50 && received.byBot.length > byBot + 50);
    };
    await flows();
    /** When both hear each other again. */
    const soundIsBack = async (): Promise<number> => {
      const [byEva, byBot] = [received.byEva.length, received.byBot.length];
      await until(() => received.byEva.length > byEva && received.byBot.length > byBot);
      return performance.now();
    };
    return { network, bot, eva, channelId, captions, texts, flows, soundIsBack };
  };
  const restarts = ({ requests }: Relay) => requests.filter((method) => method === 'transport.restartIce').length;

  it('sends and receives again after an ICE restart, without a new join', async () => {
    const { network, bot, eva, channelId, captions, texts, flows } = await meet();
    const participantId = bot.room.self;
    const restore = network.cutMedia();
    await until(() => restarts(network) >= 2);
    restore();
    await flows();
    captions.send(spoken('after the cut'));
    await until(() => texts.includes('after the cut'));
    expect(bot.ends).toEqual([]);
    expect(bot.room.self).toBe(participantId);
    expect(network.requests.filter((method) => method === 'join')).toHaveLength(1);
    expect(eva.room.participants.get(participantId)?.producers).toMatchObject([{ id: channelId }]);
  });

  it('hears and is heard within 8 s of the end of a cut', async () => {
    const { network, bot, soundIsBack } = await meet();
    const restore = network.cutMedia();
    await until(() => restarts(network) >= CUT_RESTARTS);
    restore();
    const restoredMs = performance.now();
    const backMs = (await soundIsBack()) - restoredMs;
    console.log(`sound was back ${Math.round(backMs)} ms after the cut`);
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
    expect(bot.ends).toEqual([]);
  });

  it('hears and is heard within 8 s of losing the path that it had, where there is another', async () => {
    const { network, bot, soundIsBack } = await meet();
    const lostMs = performance.now();
    const restore = network.cutMedia();
    // No word of a changed address reaches a headless participant: it has to notice that nothing comes any more.
    await until(() => restarts(network) > 0);
    restore();
    const backMs = (await soundIsBack()) - lostMs;
    console.log(`sound was back ${Math.round(backMs)} ms after its path was lost`);
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
    expect(bot.ends).toEqual([]);
  });

  it('is still in the room after several restarts in vain', async () => {
    const { network, bot, flows } = await meet({ clock: fastClock });
    const restore = network.cutMedia();
    await until(() => restarts(network) >= 5);
    restore();
    await flows();
    expect(bot.ends).toEqual([]);
  });

  it('leaves once, with the prospect of coming back, where its packets stay lost', async () => {
    const { network, bot, eva } = await meet({ clock: fastClock });
    network.cutMedia();
    await until(() => bot.ends.length > 0);
    await until(() => !eva.room.participants.has('bot'));
    expect(restarts(network)).toBeGreaterThanOrEqual(4);
    expect(bot.ends).toMatchObject([{ retryable: true }]);
  });

  it('leaves at once where the server has closed its transports', async () => {
    const { network, bot } = await meet();
    await server.close();
    await until(() => bot.ends.length > 0);
    expect(restarts(network)).toBeLessThanOrEqual(2);
    expect(bot.ends).toMatchObject([{ retryable: true }]);
    server = await startTestServer();
  });
});

describe.skipIf(!canMakeNetworks())('a headless participant whose network changes', () => {
  let networks = 0;
  it.each([
    ['gets another address after 1 s', (network: TestNetwork) => network.loseAddress(), 1000],
    ['gets another address after 8 s', (network: TestNetwork) => network.loseAddress(), 8000],
    ['shuts UDP for 8 s', (network: TestNetwork) => network.dropUdp(), 8000],
  ])('is heard within 8 s of the new path, where the network %s', async (_how, change, cutMs) => {
    const network = new TestNetwork(networks++);
    onTestFinished(() => network.close());
    const server = await startTestServer({ host: network.hostAddress });
    onTestFinished(() => server.close());
    const program = fileURLToPath(new URL('../support/speaking-participant.ts', import.meta.url));
    const bot = spawn(network.inside(process.execPath), [program, server.url, tokenOf(person('bot'))], {
      env: { ...process.env, ...endsWithThisProcess() },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    onTestFinished(async () => {
      // A network ends when nobody is in it any more.
      const gone = once(bot, 'exit');
      bot.kill('SIGKILL');
      await gone;
    });
    const eva = await Guest.enter(server, person('eva'));
    onTestFinished(() => eva.room.close());
    let heardMs = 0;
    let received = '';
    const receive = async () => {
      const bots = [...eva.room.participants.values()].filter(({ id }) => id !== eva.room.self);
      const id = bots.at(-1)?.producers[0]?.id ?? received;
      if (id === received) return;
      received = id;
      await eva.room
        .receiveAudio(id, () => {
          heardMs = performance.now();
        })
        .catch(() => {
          received = '';
        });
    };
    const receiving = setInterval(receive, 50);
    onTestFinished(() => clearInterval(receiving));
    await until(() => heardMs > 0);

    const restore = change(network);
    await new Promise((wait) => setTimeout(wait, cutMs));
    restore();
    const restoredMs = performance.now();
    await until(() => heardMs > restoredMs + 50);
    const backMs = heardMs - restoredMs;
    console.log(
      `sound was back ${Math.round(backMs)} ms after there was a path, ${Math.round(backMs + cutMs)} ms after the last one was lost`,
    );
    expect(backMs).toBeLessThan(BACK_WITHIN_MS);
  });
});
