/**
 * Recordings of every format, through `booth translate` and `booth speak`: what the offline engine understands of them is what it understands
 * of the WAV file they were made of.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpusDecoder } from '../../audio/opus-codec.ts';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { formatWav } from '../../audio/wav.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { wordErrors } from '../../bench/support/wer.ts';
import type { Recognizer } from '../../engine/offline/stages.ts';
import { loadVosk } from '../../engine/offline/vosk.ts';
import { engineParts, speechDir } from '../../scripts/places.mjs';
import { runBooth } from '../support/booth-process.ts';
import { Guest } from '../support/meeting.ts';
import { formatCases, speechIn } from '../support/recordings.ts';
import { person, startTestServer, type TestServer, tokenOf } from '../support/server.ts';
import { joined } from '../support/sound.ts';

/** A word is less than a point of all of them. */
const SENTENCES = ['demo-echotest', 'demo-abouttotry'];
const POINTS = 0.02;
/** So many speak at the same time, each in a room of its own, as it takes as long as the speech. */
const ROOMS = 5;

const transcript = JSON.parse(readFileSync(join(speechDir(process.env), 'transcript.json'), 'utf8')) as Record<
  string,
  string
>;
const said = SENTENCES.map((name) => transcript[name]).join(' ');

const errorRate = (heard: string): number => {
  const { errors, words } = wordErrors(said, heard);
  return errors / words;
};

let folder = '';
let recognizer: Recognizer;
let server: TestServer;
const wav = () => join(folder, 'original.wav');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'booth-test-'));
  const pause = new Int16Array(SPEECH_SAMPLE_RATE);
  const samples = joined(SENTENCES.flatMap((name) => [humanSpeech(name).samples, pause]));
  writeFileSync(wav(), formatWav({ samples, sampleRate: SPEECH_SAMPLE_RATE }));
  const { voskLibrary, voskModel } = engineParts(process.env);
  recognizer = await loadVosk(voskLibrary, voskModel);
  server = await startTestServer();
});
afterAll(async () => {
  await server?.close();
  recognizer?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The path of a file, which is made where it is not there. */
function pathOf(name: string): string {
  const path = join(folder, name);
  if (!existsSync(path)) formatCases.find(({ file }) => file === name)?.make(wav(), path);
  return path;
}

/** What `booth translate` writes down of a recording. */
async function transcribed(path: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runBooth(['translate', path, '--from', 'en', '--to', 'en']);
  if (exitCode !== 0) throw new Error(`${path}: ${stderr}`);
  return stdout.replaceAll(/^en: /gm, '');
}

/** What is understood in a room of a recording that `booth speak` says there. */
async function heardInRoom(path: string, room: string): Promise<string> {
  const listener = await Guest.enter(server, person('eva', { room }));
  const speaking = runBooth(['speak', path, '--room', room, '--url', server.url], {
    environment: { BOOTH_TOKEN: tokenOf(person('ann', { room })) },
  });
  const { producers } = await listener.sees('ann', ({ producers }) =>
    producers.some(({ source }) => source === 'microphone'),
  );
  const decoder = await createOpusDecoder();
  const parts: Int16Array[] = [];
  await listener.room.receiveAudio(producers.find(({ source }) => source === 'microphone')?.id ?? '', ({ payload }) => {
    parts.push(decoder.decode(payload).slice());
  });
  const { exitCode, stderr } = await speaking;
  listener.room.close();
  decoder.close();
  expect({ path, exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: '' });
  return understood(joined(parts));
}

async function understood(samples: Int16Array): Promise<string> {
  const recognition = await recognizer.open();
  const heard: string[] = [];
  // In pieces, as an utterance may end within the recording.
  for (let at = 0; at < samples.length; at += SPEECH_SAMPLE_RATE / 2) {
    const result = await recognition.push(samples.subarray(at, at + SPEECH_SAMPLE_RATE / 2));
    if (result.ended) heard.push(...result.words);
  }
  heard.push(...(await recognition.finish()).words);
  recognition.close();
  return heard.join(' ');
}

const files = ['original.wav', ...formatCases.map(({ file }) => file)];

/** The files of which more is misunderstood than of the first, with their word error rates. */
function worse(rates: readonly (readonly [file: string, rate: number])[]): unknown {
  const reference = rates[0]?.[1] ?? 0;
  expect(reference).toBeLessThan(0.25);
  return rates.filter(([, rate]) => rate > reference + POINTS);
}

const MOST_SHIFT = 400;
const STRETCH = SPEECH_SAMPLE_RATE / 2;

/** How alike two sounds are, from 0 to 1, at the shift by which their decoders differ: the best one for half a second from their middle. */
function likeness(a: Int16Array, b: Int16Array): number {
  const at = (shift: number, from: number, to: number) => {
    let [both, ofA, ofB] = [0, 0, 0];
    for (let i = Math.max(from, -shift); i < Math.min(to, a.length, b.length - shift); i++) {
      const [x, y] = [a[i] ?? 0, b[i + shift] ?? 0];
      both += x * y;
      ofA += x * x;
      ofB += y * y;
    }
    return both / Math.sqrt(ofA * ofB || 1);
  };
  const middle = a.length >> 1;
  const shifts = Array.from({ length: 2 * MOST_SHIFT + 1 }, (_, i) => i - MOST_SHIFT);
  const likenesses = shifts.map((shift) => at(shift, middle, middle + STRETCH));
  return at(shifts[likenesses.indexOf(Math.max(...likenesses))] ?? 0, 0, a.length);
}

describe('a recording of any format', () => {
  it('is understood by booth translate as the WAV file is', async () => {
    const rates: [string, number][] = [];
    for (const file of files) rates.push([file, errorRate(await transcribed(pathOf(file)))]);
    expect(worse(rates)).toEqual([]);
  });

  it('is understood in a room as the WAV file is, where booth speak says it', async () => {
    const rates: [string, number][] = [];
    for (let at = 0; at < files.length; at += ROOMS) {
      const some = files.slice(at, at + ROOMS);
      const heard = await Promise.all(some.map((file, i) => heardInRoom(pathOf(file), `hall-${at + i}`)));
      for (const [i, text] of heard.entries()) rates.push([some[i] ?? '', errorRate(text)]);
    }
    expect(worse(rates)).toEqual([]);
  });

  it.each(formatCases.filter(({ own }) => own))('sounds the same without FFmpeg: $file', async ({ file }) => {
    const original = await speechIn(wav(), undefined);
    expect(likeness(original, await speechIn(pathOf(file), undefined))).toBeGreaterThan(0.95);
  });
});
