/** `booth translate` of a talk with slides, against the simulated vendor: subtitles, pictures, a cut, Ctrl-C and --resume. */
import { execFileSync } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWav } from '../../audio/wav.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { ffmpegPrograms } from '../support/recordings.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { cuesIn, makeTalk, type Talk } from '../support/talk-recording.ts';
import { until } from '../support/until.ts';

const script: ScriptInput = { paraphrases: false, answer: { revises: 0, holdsBack: 0 } };
const environment = { DASHSCOPE_API_KEY: 'sk-any' };

async function stage(faults: ScriptInput['faults'] = []) {
  const vendor = await SimulatedVendor.start({ ...script, ...(faults && { faults }) });
  const folder = temporaryFolder();
  const talk = makeTalk(folder, { seconds: 12, slideSeconds: 4 });
  const args = (...more: string[]) => [
    'translate',
    talk.path,
    '--from',
    'en',
    '--to',
    'es',
    '--url',
    vendor.url,
    ...more,
  ];
  return { vendor, talk, args, srt: join(folder, 'talk.es.srt'), folder };
}

/** Every sentence has its cue, in order, within 200 ms of its first word. */
function expectInTime(srt: string, { sentences }: Talk): void {
  const cues = cuesIn(readFileSync(srt, 'utf8'));
  expect(cues.map(({ words }) => words)).toEqual(sentences.map(({ words }) => words));
  for (const [i, { startMs }] of cues.entries())
    expect(Math.abs(startMs - (sentences[i]?.startMs ?? 0))).toBeLessThan(200);
}

/** What FFmpeg reads of a file, a line for each stream. */
const probed = (file: string, entries: string): string =>
  execFileSync(ffmpegPrograms.ffprobe, ['-v', 'error', '-show_entries', entries, '-of', 'compact', file]).toString();

describe('booth translate of a talk with slides', () => {
  it('writes subtitles in time, and shows the model each slide once', async () => {
    const { vendor, talk, args, srt, folder } = await stage();
    const out = join(folder, 'talk.es.mp4');
    const { exitCode, stderr } = await runBooth(args('--subtitles', srt, '--out', out), { environment });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expectInTime(srt, talk);
    const { connections } = await vendor.stats();
    expect(connections).toHaveLength(1);
    expect(connections[0]?.images).toHaveLength(talk.slides);
    expect(probed(srt, 'stream=codec_name')).toContain('subrip');
    expect(probed(out, 'stream=codec_type:stream_tags=language')).toMatch(/video(.|\n)*audio.*eng\n.*audio.*spa/);
    expect(existsSync(`${out}.part`)).toBe(false);
    const again = await runBooth(args('--subtitles', srt), { environment });
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('replace it with --overwrite') });
  });

  it('goes on after a cut, and loses and repeats nothing', async () => {
    const { vendor, talk, args, srt } = await stage([{ on: { connection: 1, afterMs: 7000 }, do: 'cut' }]);
    const { exitCode, stderr } = await runBooth(args('--subtitles', srt), { environment });
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('The next attempt is in'),
    });
    expectInTime(srt, talk);
    expect((await vendor.stats()).connections).toHaveLength(2);
  });

  it('keeps what is done at Ctrl-C, and goes on with --resume', async () => {
    const { talk, args, srt } = await stage();
    const first = startBooth(args('--subtitles', srt), { environment });
    await until(() => /^es: /m.test(first.output.stdout));
    first.interrupt();
    expect(await first.ended).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('--resume goes on') });
    expect(existsSync(srt)).toBe(false);
    expect(await runBooth(args('--subtitles', srt), { environment })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('go on with --resume'),
    });
    const resumed = await runBooth(args('--subtitles', srt, '--resume'), { environment });
    expect(resumed).toMatchObject({ exitCode: 0 });
    expect(resumed.stdout).not.toContain(talk.sentences[0]?.words[0]);
    expectInTime(srt, talk);
  });

  it('is done into two languages over one reading, each with files of its own', async () => {
    const { vendor, talk, args, folder } = await stage();
    const [vtt, opus] = [join(folder, 'both.vtt'), join(folder, 'both.opus')];
    const given = args('--to', 'es,fr', '--subtitles', vtt, '--out', opus, '--pictures', 'off');
    const { exitCode, stderr } = await runBooth(given, { environment });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    for (const [language, tag] of [
      ['es', 'spa'],
      ['fr', 'fra'],
    ] as const) {
      const written = join(folder, `both.${language}.vtt`);
      expectInTime(written, talk);
      expect(probed(written, 'stream=codec_name')).toContain('webvtt');
      const spoken = join(folder, `both.${language}.opus`);
      expect(probed(spoken, 'stream=codec_name:stream_tags=language')).toMatch(
        new RegExp(`codec_name=opus.*language=${tag}`),
      );
    }
    const { connections } = await vendor.stats();
    expect(connections).toHaveLength(2);
    expect(connections.flatMap(({ images }) => images)).toEqual([]);
  });

  it('is refused from a pipe where the original is heard as well, and done without it', async () => {
    const { vendor, talk, args, folder } = await stage();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const translating = (...more: string[]) => args(...more).map((arg) => (arg === talk.path ? pipe : arg));
    const out = join(folder, 'piped.wav');
    expect(await runBooth(translating('--out', out), { environment })).toMatchObject({
      exitCode: 1,
      stderr: `booth: ${pipe}: can be read only once, and the original sounds beneath the voice: leave it out with --original off, or save it as a file first\n`,
    });
    expect((await vendor.stats()).connections).toHaveLength(0);
    const running = runBooth(translating('--out', out, '--original', 'off'), { environment });
    createWriteStream(pipe).end(readFileSync(join(folder, 'talk.wav')));
    const { exitCode, stderr } = await running;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('piped.wav: ') });
    const { samples } = parseWav(readFileSync(out));
    expect(samples.some((sample) => sample !== 0)).toBe(true);
    expect(existsSync(`${out}.part`)).toBe(false);
  });

  it('is refused by the second of two commands that write the same file', async () => {
    const { args, srt, talk } = await stage();
    const first = startBooth(args('--subtitles', srt), { environment });
    await until(() => /^es: /m.test(first.output.stdout));
    // However long the others take to start.
    first.process.kill('SIGSTOP');
    for (const more of [[], ['--resume'], ['--overwrite']])
      expect(await runBooth(args('--subtitles', srt, ...more), { environment })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/^booth: .*\.part: process \d+ is translating into it: wait .*\n$/),
      });
    first.process.kill('SIGCONT');
    expect(await first.ended).toMatchObject({ exitCode: 0 });
    expectInTime(srt, talk);
  });

  it('leaves a file that came into being meanwhile as it is, with or without --resume', async () => {
    const { args, srt, talk } = await stage();
    const first = startBooth(args('--subtitles', srt), { environment });
    await until(() => /^es: /m.test(first.output.stdout));
    writeFileSync(srt, 'mine');
    expect(await first.ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('by somebody else') });
    const resumed = await runBooth(args('--subtitles', srt, '--resume'), { environment });
    expect(resumed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('exists already') });
    expect(readFileSync(srt, 'utf8')).toBe('mine');
    const replaced = await runBooth(args('--subtitles', srt, '--resume', '--overwrite'), { environment });
    expect(replaced).toMatchObject({ exitCode: 0 });
    expectInTime(srt, talk);
  });
});
