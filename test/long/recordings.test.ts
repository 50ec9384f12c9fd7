/** Ten minutes of a talk with slides as MP4, translated against the simulated vendor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBooth, temporaryFolder } from '../support/booth-process.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { cuesIn, makeTalk } from '../support/talk-recording.ts';

const SECONDS = 600;
const SLIDE_SECONDS = 75;
const MEGABYTE = 1_048_576;

/** Megabytes of memory that a process holds. */
const residentMegabytes = (pid: number): number =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024) / MEGABYTE;

it('a talk of ten minutes is subtitled in time, each slide is shown once, and memory stays flat', async () => {
  const vendor = await SimulatedVendor.start({ paraphrases: false, answer: { revises: 0, holdsBack: 0 } });
  const folder = temporaryFolder();
  const talk = makeTalk(folder, { seconds: SECONDS, slideSeconds: SLIDE_SECONDS });
  const srt = join(folder, 'talk.es.srt');
  const args = ['translate', talk.path, '--from', 'en', '--to', 'es', '--url', vendor.url, '--subtitles', srt];
  const running = startBooth(args, { environment: { DASHSCOPE_API_KEY: 'sk-any' } });
  const memory: number[] = [];
  const measuring = setInterval(() => memory.push(residentMegabytes(running.process.pid ?? 0)), 10_000);
  const { exitCode, stderr } = await running.ended.finally(() => clearInterval(measuring));
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const cues = cuesIn(readFileSync(srt, 'utf8'));
  expect(cues.map(({ words }) => words)).toEqual(talk.sentences.map(({ words }) => words));
  const late = cues.map(({ startMs }, i) => Math.abs(startMs - (talk.sentences[i]?.startMs ?? 0)));
  expect(Math.max(...late)).toBeLessThan(200);
  const { connections } = await vendor.stats();
  expect(connections.flatMap(({ images }) => images)).toHaveLength(talk.slides);
  // The first minute is for what a process loads once.
  const [settled = 0, last = 0] = [memory[6], memory.at(-2)];
  expect(last - settled).toBeLessThan(60);
});
