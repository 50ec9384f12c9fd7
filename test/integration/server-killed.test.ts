import { RoomMessage, SIGNAL_PATH, Transcript } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { joinRoom } from '../../bot/room/join-room.ts';
import { systemClock } from '../../time/clock.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { caption } from '../support/room-messages.ts';
import { interpreter, person, tokenOf, type Who } from '../support/server.ts';
import { startServerWithoutEngine } from '../support/server-without-engine.ts';
import { until } from '../support/until.ts';

const ROUNDS = 4;
const FINALS_A_ROUND = 40;

describe('a server that is killed in mid-meeting', () => {
  it('has lost no final that a page had shown, and goes on with the meeting when it is back', async () => {
    const dataDir = temporaryFolder();
    const shown: string[] = [];
    let said = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { url, running } = await startServerWithoutEngine(dataDir);
      const enter = (who: Who) =>
        joinRoom({
          url: url.replace('http', 'ws') + SIGNAL_PATH,
          token: tokenOf(who),
          clock: systemClock,
          events: { changed: () => {}, ended: () => {} },
        });
      const booth = await enter(interpreter('booth'));
      const page = await enter(person('ana'));
      // In whose name captions come.
      const speaker = await enter(person('ben', { name: 'Ben' }));
      const captions = booth.publishCaptions('es');
      const channels = () => page.participants.get('booth')?.dataProducers ?? [];
      await until(() => channels().length === 1);
      const before = shown.length;
      await page.receiveTexts(channels()[0]?.id ?? '', (text) => {
        const message = RoomMessage.parse(JSON.parse(text));
        if (message.type !== 'caption' || !message.final) return;
        shown.push(message.stable);
        if (shown.length === before + FINALS_A_ROUND) running.process.kill('SIGKILL');
      });
      const talking = setInterval(() => {
        const utterance = String(said++);
        captions.send(JSON.stringify(caption(utterance, { stable: utterance, start: said, end: said + 1 })));
      }, 3);
      await running.ended;
      // The media worker outlives the server for a moment.
      await new Promise((resolve) => setTimeout(resolve, 500));
      clearInterval(talking);
      booth.close();
      page.close();
      speaker.close();
    }
    expect(shown.length).toBeGreaterThanOrEqual(ROUNDS * FINALS_A_ROUND);

    const { url } = await startServerWithoutEngine(dataDir);
    const reply = await fetch(`${url}/v1/rooms/demo/transcript?language=es`, {
      headers: { Authorization: `Bearer ${tokenOf(person('ana', { grants: ['host', 'subscribe'] }))}` },
    });
    const { entries, meetings } = Transcript.parse(await reply.json());
    const kept = new Set(entries.map(({ text }) => text));
    expect(shown.filter((text) => !kept.has(text))).toEqual([]);
    expect(meetings).toHaveLength(1);
    const starts = entries.map(({ start }) => start);
    expect(entries.map(({ text }) => Number(text))).toEqual([...kept].map(Number).sort((a, b) => a - b));
    expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(1000);
  });
});
