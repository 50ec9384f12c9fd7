/**
 * A server that `booth start` runs, and its media worker, each killed 20 times while somebody is interpreted: no final is lost that a
 * page has shown, the page reads on within 5 s, and no process is left.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoomMessage, Transcript } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RoomConnection, TextOutput } from '../../bot/room/room-connection.ts';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { repository } from '../../scripts/places.mjs';
import { descendantsOf, isRunning } from '../../scripts/test/processes.mjs';
import { LastingParticipant } from '../support/lasting-participant.ts';
import { caption } from '../support/room-messages.ts';
import { interpreter, person, secret, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const KILLS = 20;
const FINALS_BETWEEN = 20;
const BACK_WITHIN_MS = 5000;
/** A start that takes longer tells of a computer that is too busy to be back in time. */
const START_WITHIN_MS = 3500;
/** The longest pause between two attempts to join, after which joining takes up to half as long as the start did. */
const LONGEST_PAUSE_MS = 10_000;
const FINAL_EVERY_MS = 20;
/** A server that ran for 3 s has not failed to start: `scripts/booth.mjs` starts the next one at once, and any number of times. */
const STABLE_MS = 3500;

const backWithinMs = (startMs: number): number =>
  startMs <= START_WITHIN_MS ? BACK_WITHIN_MS : LONGEST_PAUSE_MS + 1.5 * startMs;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

describe('killing', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'booth-test-'));
  let script: ReturnType<typeof spawn>;
  let url: string;
  let page: LastingParticipant;
  let booth: LastingParticipant;
  /** In whose name captions come. */
  let speaker: LastingParticipant;
  let talking: NodeJS.Timeout;
  let said = 0;
  const shown: number[] = [];
  beforeAll(async () => {
    const [port, rtcPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    script = spawn(process.execPath, [join(repository, 'scripts/booth.mjs'), 'start'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ...endsWithThisProcess(),
        BOOTH_PORT: String(port),
        BOOTH_RTC_PORT: String(rtcPort),
        BOOTH_RTC_WORKERS: '1',
        BOOTH_DATA_DIR: dataDir,
        BOOTH_SECRET: secret,
        BOOTH_INTERPRETATION_ON_DEMAND: 'false',
        BOOTH_LIVETRANSLATE_URL: 'ws://127.0.0.1:9',
        BOOTH_LOG_LEVEL: 'silent',
      },
    });
    let captions: { room: RoomConnection; output: TextOutput } | undefined;
    booth = new LastingParticipant({
      url,
      token: tokenOf(interpreter('booth')),
      changed(room) {
        if (captions?.room !== room) captions = { room, output: room.publishCaptions('es') };
      },
    });
    talking = setInterval(() => {
      const utterance = String(said++);
      captions?.output.send(JSON.stringify(caption(utterance, { stable: utterance, start: said, end: said + 1 })));
    }, FINAL_EVERY_MS);
    const received = new WeakMap<RoomConnection, Set<string>>();
    page = new LastingParticipant({
      url,
      token: tokenOf(person('ana')),
      changed(room) {
        const known = received.get(room) ?? new Set();
        received.set(room, known);
        for (const { id } of room.participants.get('booth')?.dataProducers ?? []) {
          if (known.has(id)) continue;
          known.add(id);
          room
            .receiveTexts(id, (text) => {
              const message = RoomMessage.parse(JSON.parse(text));
              if (message.type === 'caption' && message.final) shown.push(Number(message.stable));
            })
            .catch(() => known.delete(id));
        }
      },
    });
    speaker = new LastingParticipant({ url, token: tokenOf(person('ben', { name: 'Ben' })), changed() {} });
    await until(() => shown.length > 0);
  });
  afterAll(() => {
    clearInterval(talking);
    for (const one of [booth, page, speaker]) one.leave();
    script.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const processNamed = (name: string) => {
    const found = descendantsOf(script.pid ?? 0).find((one) => one.command.includes(name));
    if (!found) throw new Error(`no ${name} is running`);
    return found;
  };

  /** When the server answers requests. */
  const answersAgain = async (): Promise<number> => {
    while (!(await fetch(`${url}/healthz`).catch(() => undefined))?.ok)
      await new Promise((wait) => setTimeout(wait, 20));
    return performance.now();
  };

  it.each([
    ['the server', 'cli/booth.ts start'],
    ['its media worker', 'mediasoup-worker'],
  ])('%s 20 times', async (_what, name) => {
    const backMs: number[] = [];
    const startMs: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const [before, beganMs] = [shown.length, performance.now()];
      await until(() => shown.length >= before + FINALS_BETWEEN && performance.now() - beganMs > STABLE_MS);
      const { pid } = processNamed(name);
      const ended = [...descendantsOf(pid), ...descendantsOf(script.pid ?? 0).filter((one) => one.pid === pid)];
      const killedMs = performance.now();
      const first = said;
      process.kill(pid, 'SIGKILL');
      await until(() => !ended.some(isRunning), BACK_WITHIN_MS);
      startMs.push(Math.round((await answersAgain()) - killedMs));
      await until(() => (shown.at(-1) ?? 0) >= first, 60_000);
      backMs.push(Math.round(performance.now() - killedMs));
    }
    console.log(`the server answered after ${startMs.join(', ')} ms; captions went on after ${backMs.join(', ')} ms`);

    const before = [...shown];
    const reply = await fetch(`${url}/v1/rooms/demo/transcript?language=es`, {
      headers: { Authorization: `Bearer ${tokenOf(person('ana'))}` },
    });
    const { entries, meetings } = Transcript.parse(await reply.json());
    const kept = new Set(entries.map(({ text }) => Number(text)));
    expect(before.filter((number) => !kept.has(number))).toEqual([]);
    expect(meetings).toHaveLength(1);
    for (const [kill, ms] of backMs.entries()) expect(ms).toBeLessThanOrEqual(backWithinMs(startMs[kill] ?? 0));
  });

  it('leaves no process when it is stopped', async () => {
    const all = descendantsOf(script.pid ?? 0);
    const exit = once(script, 'exit');
    script.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    await until(() => !all.some(isRunning));
  });
});
