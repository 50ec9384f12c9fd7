/** Recordings that are none, are damaged, or are not what they say: one line that names the file and the remedy, or what can be read of them. */
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SPEECH_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { formatWav } from '../../audio/wav.ts';
import { probe } from '../../recordings/probe.ts';
import { RecordingError } from '../../recordings/recording-error.ts';
import { type SpeechChoice, speechOf } from '../../recordings/speech-of.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { ffmpegPrograms, made, prompt, speechIn, written } from '../support/recordings.ts';

const WAV = prompt('pls-hold-while-try');
type Programs = typeof ffmpegPrograms | undefined;

const seconds = async (path: string, programs: Programs, choice?: SpeechChoice): Promise<number> =>
  (await speechIn(path, programs, choice)).length / SPEECH_SAMPLE_RATE;

async function refusal(path: string, programs: Programs, choice?: SpeechChoice): Promise<string> {
  const error = await seconds(path, programs, choice).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RecordingError);
  const { message } = error as RecordingError;
  expect(message).toContain(path);
  expect(message).not.toContain('\n');
  return message;
}

const silentVideo = () =>
  made('silent.mp4', '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=5', '-t', '1', '-c:v', 'libx264');
/** An MP4 whose audio is marked as protected. */
function protectedAudio(): string {
  const path = made('bought.m4a', '-i', WAV, '-c:a', 'aac');
  const bytes = readFileSync(path);
  bytes.write('drms', bytes.indexOf('mp4a', bytes.indexOf('stsd')), 'latin1');
  writeFileSync(path, bytes);
  return path;
}

describe('a recording that cannot be used', () => {
  it.each<[string, () => string, string]>([
    ['is not there', () => '/nowhere/talk.mp4', 'there is no such file'],
    ['is a directory', temporaryFolder, 'is a directory'],
    ['is an address', () => 'https://example.org/talk.mp4', 'download it first'],
    ['is empty', () => written('empty.mp4', ''), 'the file is empty'],
    ['is no media', () => written('notes.mp4', 'These are notes.\n'.repeat(500)), 'choose an audio or video file'],
    ['has no audio track', silentVideo, 'no audio track'],
    ['is protected', protectedAudio, 'is protected (DRM)'],
    [
      'leads elsewhere',
      () => written('list.m3u8', '#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n'),
      'choose an audio or video file',
    ],
    [
      'has a header and no sound',
      () => written('none.wav', formatWav({ samples: new Int16Array(0), sampleRate: 16_000 })),
      'no sound is in it',
    ],
  ])('says so where it %s', async (_what, path, words) => {
    expect(await refusal(path(), ffmpegPrograms)).toContain(words);
  });

  it('says how FFmpeg comes where it is needed', async () => {
    const talk = made('talk.m4a', '-i', WAV, '-c:a', 'aac');
    expect(await refusal(talk, undefined)).toMatch(/npm run setup -- ffmpeg.*apt install ffmpeg/);
    const vorbis = made('talk.ogg', '-i', WAV, '-c:a', 'libvorbis');
    expect(await refusal(vorbis, undefined)).toContain('npm run setup -- ffmpeg');
  });

  it('names the tracks and channels that there are', async () => {
    expect(await refusal(WAV, undefined, { track: 2 })).toMatch(/has 1 audio track, and no number 2: change --track/);
    expect(await refusal(WAV, ffmpegPrograms, { channel: 3 })).toMatch(
      /has 1 channel, and no number 3: change --channel/,
    );
    const mp3 = made('talk.mp3', '-i', WAV);
    expect(await refusal(mp3, undefined, { channel: 3 })).toMatch(/has \d channels?, and no number 3/);
  });
});

describe('a recording that is not what it says', () => {
  const samples = Int16Array.from({ length: 32_000 }, (_, i) => 8000 * Math.sin(i / 5));
  const wav = (): Buffer => Buffer.from(formatWav({ samples, sampleRate: 16_000 }));

  it.each([0, 0xffffffff, 0x7fffffff])('is read to its end where its size is %i', async (size) => {
    const bytes = wav();
    bytes.writeUInt32LE(size, 40);
    expect(await seconds(written('piped.wav', bytes), undefined)).toBe(2);
  });

  it('is read as far as it goes where it was cut', async () => {
    expect(await seconds(written('cut.wav', wav().subarray(0, 44 + 16_001)), undefined)).toBe(0.5);
    const mp3 = made('talk.mp3', '-i', WAV);
    const cut = (path: string) => written(`cut-${path.split('/').at(-1)}`, readFileSync(path).subarray(0, -5000));
    const whole = await seconds(mp3, ffmpegPrograms);
    for (const programs of [ffmpegPrograms, undefined]) {
      const read = await seconds(cut(mp3), programs);
      expect(read).toBeGreaterThan(whole / 4);
      expect(read).toBeLessThan(whole);
    }
    const mkv = made('talk.mkv', '-i', WAV, '-c:a', 'flac');
    expect(await seconds(cut(mkv), ffmpegPrograms)).toBeGreaterThan(0.5);
  });

  it('is read from a pipe, which has no size', async () => {
    const fifo = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [fifo]);
    const reading = seconds(fifo, ffmpegPrograms);
    createWriteStream(fifo).end(readFileSync(made('talk.mp3', '-i', WAV)));
    expect(await reading).toBeGreaterThan(2);
  });
});

describe('what is listened to', () => {
  const stereo = () =>
    made(
      'call.wav',
      '-f',
      'lavfi',
      '-i',
      'sine=300:d=2',
      '-f',
      'lavfi',
      '-i',
      'sine=900:d=2',
      '-filter_complex',
      'amerge',
      '-ac',
      '2',
    );
  const tracks = () =>
    made(
      'two.mkv',
      '-f',
      'lavfi',
      '-i',
      'sine=300:d=2',
      '-f',
      'lavfi',
      '-i',
      'sine=900:d=2',
      '-map',
      '0',
      '-map',
      '1',
      '-metadata:s:a:1',
      'language=fre',
    );

  async function crossings(path: string, choice: SpeechChoice): Promise<number> {
    const all: number[] = [];
    for await (const chunk of speechOf(await probe(path, { ffmpeg: ffmpegPrograms }), SPEECH_SAMPLE_RATE, choice))
      all.push(...chunk);
    return (
      all.filter((x, i) => i > 0 && x >= 0 !== (all[i - 1] ?? 0) >= 0).length / 2 / (all.length / SPEECH_SAMPLE_RATE)
    );
  }

  it('is a channel', async () => {
    const path = stereo();
    expect(await crossings(path, { channel: 1 })).toBeCloseTo(300, -1);
    expect(await crossings(path, { channel: 2 })).toBeCloseTo(900, -1);
  });

  it('is a track, which is told with its language', async () => {
    const path = tracks();
    expect((await probe(path, { ffmpeg: ffmpegPrograms })).audio[1]).toMatchObject({ language: 'fre' });
    expect(await crossings(path, { track: 2 })).toBeCloseTo(900, -1);
  });

  it.each([ffmpegPrograms, undefined])('begins where it is told to', async (programs) => {
    expect(await seconds(made('talk.flac', '-i', WAV), programs, { fromSeconds: 1 })).toBeCloseTo(
      (await seconds(WAV, programs)) - 1,
      1,
    );
  });
});

it('memory stays flat, however long the recording is', async () => {
  const path = join(temporaryFolder(), 'long.wav');
  mkdirSync(join(path, '..'), { recursive: true });
  const hour = 3600 * 16_000;
  const out = createWriteStream(path);
  const header = Buffer.from(formatWav({ samples: new Int16Array(0), sampleRate: 16_000 }));
  out.write(header);
  const second = Buffer.alloc(32_000, 1);
  for (let i = 0; i < hour / 16_000; i++)
    if (!out.write(second)) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  await new Promise<void>((resolve) => out.end(() => resolve()));
  let peak = 0;
  let samples = 0;
  for await (const { length } of speechOf(await probe(path, { ffmpeg: undefined }), SPEECH_SAMPLE_RATE)) {
    samples += length;
    if (samples % (16_000 * 60) === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  }
  expect(samples).toBe(hour);
  expect(peak).toBeLessThan(60_000_000);
});
