/**
 * The interpreter and the offline engine of a server that `booth start` runs, each killed 20 times while somebody speaks: no final is lost
 * that a page has shown, captions go on within 5 s of an interpreter's end, what was being said when an engine ended is translated by the
 * next one, and no process is left.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type ParticipantView, type RoomMessage, SIGNAL_PATH, Transcript } from '@mediasoup-booth/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { joinRoom } from '../../bot/room/join-room.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { ChannelListener } from '../../cli/channel-listener.ts';
import { RecordingPublisher } from '../../cli/recording-publisher.ts';
import { readSpeech } from '../../cli/speech.ts';
import { endsWithThisProcess } from '../../process/parent-watchdog.mjs';
import { cacheDir, repository } from '../../scripts/places.mjs';
import { descendantsOf, isRunning } from '../../scripts/test/processes.mjs';
import { sleep, systemClock } from '../../time/clock.ts';
import { recording, textOf, transcriptOf } from '../support/served.ts';
import { person, secret, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const KILLS = 20;
const BACK_WITHIN_MS = 5000;
/** On a computer that is too busy to start an interpreter in time, captions take as long again as it took to join. */
const BACK_AFTER_START = 2;
/** A process that ran for half a minute has not failed to start: the next one comes at once, and any number of times. */
const STABLE_MS = 30_500;
/** It counts, as an interpreter that is back in a pause waits for the next word. */
const BETWEEN_SENTENCES_MS = 1000;
/** Of the words of a sentence, how many are recognised at least. */
const RECOGNISED = 0.6;
const sentences = [
  'conf-waitforleader',
  'conf-now-recording',
  'conf-leaderhasleft',
  'confbridge-removed',
  'queue-youarenext',
];

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z']+/g) ?? [];

describe('killing', () => {
  const talking = new AbortController();
  const messages: RoomMessage[] = [];
  let booth: ChildProcessByStdio<null, Readable, null>;
  const dataDir = mkdtempSync(join(tmpdir(), 'booth-test-'));
  let url: string;
  let reader: RoomConnection;
  let speaker: RoomConnection;
  let sentence = '';

  const enter = async (
    identity: string,
    preferences: Parameters<typeof joinRoom>[0]['preferences'],
    changed = () => {},
  ) =>
    joinRoom({
      url: url.replace('http', 'ws') + SIGNAL_PATH,
      token: tokenOf(person(identity)),
      ...(preferences && { preferences }),
      clock: systemClock,
      events: { changed, ended: () => {} },
    });

  async function talk(): Promise<void> {
    const publisher = await RecordingPublisher.create(await speaker.publishMicrophone());
    const spoken = await Promise.all(sentences.map((name) => readSpeech(recording(name), VOICE_SAMPLE_RATE)));
    talking.signal.addEventListener('abort', () => publisher.close());
    for (let turn = 0; !talking.signal.aborted; turn++) {
      sentence = sentences[turn % sentences.length] ?? '';
      await publisher.play(spoken[turn % sentences.length] ?? new Int16Array());
      await sleep(systemClock, BETWEEN_SENTENCES_MS, talking.signal);
    }
  }

  beforeAll(async () => {
    booth = spawn(process.execPath, [join(repository, 'cli/booth.ts'), 'start'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        ...endsWithThisProcess(),
        BOOTH_CACHE_DIR: cacheDir(process.env),
        BOOTH_PORT: '0',
        BOOTH_RTC_PORT: '0',
        BOOTH_RTC_WORKERS: '1',
        BOOTH_DATA_DIR: dataDir,
        BOOTH_SECRET: secret,
        BOOTH_LOG_LEVEL: 'silent',
      },
    });
    const [link] = await once(createInterface(booth.stdout), 'line');
    url = new URL(String(link)).origin;
    let listener: ChannelListener | undefined;
    reader = await enter('ana', { speaks: null, hears: 'es', reads: ['es', 'original'] }, () => listener?.reconcile());
    listener = new ChannelListener(reader, {
      language: 'es',
      onMessage: (message) => void messages.push(message),
      onFailed: (error) => console.log('not received', error),
    });
    speaker = await enter('ben', { speaks: 'en', hears: 'original', reads: [] });
    void talk();
    await until(() => captionsSince(0).some(({ final }) => final));
  });
  afterAll(() => {
    talking.abort();
    for (const one of [reader, speaker]) one?.close();
    booth?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  const captionsSince = (index: number) => messages.slice(index).filter((message) => message.type === 'caption');
  const captionChannels = ({ kind, dataProducers }: ParticipantView): string[] =>
    kind === 'interpreter' ? dataProducers.flatMap(({ id, booth: is }) => (is?.role === 'captions' ? [id] : [])) : [];
  const channels = () => [...reader.participants.values()].flatMap(captionChannels);

  /** Kills the one process with this in its command line, while a sentence is being said. */
  async function kill(name: string): Promise<{ killedMs: number }> {
    const startedMs = performance.now();
    await until(() => performance.now() - startedMs > STABLE_MS);
    const before = messages.length;
    await until(() => captionsSince(before).some(({ kind, final }) => kind === 'original' && !final));
    const found = descendantsOf(booth.pid ?? 0).find(({ command }) => command.includes(name));
    if (!found) throw new Error(`no ${name} is running`);
    const ended = [found, ...descendantsOf(found.pid)];
    const killedMs = performance.now();
    process.kill(found.pid, 'SIGKILL');
    await until(() => !ended.some(isRunning), BACK_WITHIN_MS);
    return { killedMs };
  }

  /** The translations that the page has shown as final, and that the transcript lacks. */
  async function lost(): Promise<string[]> {
    const shown = captionsSince(0)
      .filter(({ kind, final }) => kind === 'translation' && final)
      .map(textOf);
    const headers = { Authorization: `Bearer ${tokenOf(person('ana'))}` };
    const reply = await fetch(`${url}/v1/rooms/demo/transcript?language=es`, { headers });
    const kept = new Set(Transcript.parse(await reply.json()).entries.map(({ text }) => text));
    expect(shown.length).toBeGreaterThan(KILLS);
    return shown.filter((text) => !kept.has(text));
  }

  it(`the interpreter ${KILLS} times`, async () => {
    const joinedMs: number[] = [];
    const backMs: number[] = [];
    for (let round = 0; round < KILLS; round++) {
      const earlier = new Set(channels());
      const { killedMs } = await kill('bot/process/threads-main.ts');
      await until(() => channels().some((id) => !earlier.has(id)));
      joinedMs.push(Math.round(performance.now() - killedMs));
      const index = messages.length;
      await until(() => captionsSince(index).length > 0);
      backMs.push(Math.round(performance.now() - killedMs));
    }
    console.log(
      `the interpreter was back after ${joinedMs.join(', ')} ms; captions went on after ${backMs.join(', ')} ms`,
    );
    expect(await lost()).toEqual([]);
    for (const [round, ms] of backMs.entries())
      expect(ms).toBeLessThanOrEqual(Math.max(BACK_WITHIN_MS, BACK_AFTER_START * (joinedMs[round] ?? 0)));
  });

  it(`the engine ${KILLS} times`, async () => {
    const backMs: number[] = [];
    for (let round = 0; round < KILLS; round++) {
      const { killedMs } = await kill('engine/process/main.ts');
      const [index, wanted] = [messages.length, wordsOf(transcriptOf(sentence))];
      await until(() => captionsSince(index).length > 0);
      backMs.push(Math.round(performance.now() - killedMs));
      await until(() => {
        const finals = captionsSince(index).filter(({ kind, final }) => kind === 'original' && final);
        const heard = new Set(finals.flatMap((final) => wordsOf(textOf(final))));
        return wanted.filter((word) => heard.has(word)).length >= RECOGNISED * wanted.length;
      });
    }
    console.log(`captions went on after ${backMs.join(', ')} ms`);
    expect(await lost()).toEqual([]);
  });

  it('leaves no process when the server is stopped', async () => {
    const all = descendantsOf(booth.pid ?? 0);
    expect(all.length).toBeGreaterThan(5);
    const exit = once(booth, 'exit');
    booth.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    await until(() => !all.some(isRunning));
  });
});
