/** `booth translate` with all that a session can be given, against a service that is scripted, and against none. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { formatWav, parseWav } from '../../audio/wav.ts';
import { jpegSize } from '../../images/jpeg-size.ts';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { canMakeDisks, smallDisk } from '../support/small-disk.ts';

const KEY = 'sk-very-secret';
type Frame = { type: string; [key: string]: unknown };

interface Service {
  url: string;
  frames: Frame[];
  authorization: (string | undefined)[];
}

/** It says `says` when the first speech of a connection comes. */
async function service(says: readonly object[] = []): Promise<Service> {
  const http = createServer();
  const frames: Frame[] = [];
  const authorization: (string | undefined)[] = [];
  new WebSocketServer({ server: http }).on('connection', (socket, request) => {
    authorization.push(request.headers.authorization);
    let isHeard = false;
    const say = (frame: object): void => socket.send(JSON.stringify(frame));
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString()) as Frame;
      if (frame.type === 'input_audio_buffer.append' && !isHeard) {
        isHeard = true;
        says.forEach(say);
      }
      frames.push(frame);
      if (frame.type === 'session.update') say({ type: 'session.updated' });
      if (frame.type === 'session.finish') say({ type: 'session.finished' });
    });
    say({ type: 'session.created' });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/api-ws/v1/realtime`, frames, authorization };
}

async function material(seconds = 1): Promise<{ speech: string; slide: string; terms: string; out: string }> {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('speech.wav'), formatWav({ samples: new Int16Array(16_000 * seconds), sampleRate: 16_000 }));
  writeFileSync(path('terms.yaml'), 'booth: cabina\n');
  await sharp({ create: { width: 2400, height: 1350, channels: 3, background: 'teal' } })
    .png()
    .toFile(path('slide.png'));
  return { speech: path('speech.wav'), slide: path('slide.png'), terms: path('terms.yaml'), out: path('voice.wav') };
}

const enEs = ['--from', 'en', '--to', 'es'];
const lt38 = ['--model', 'qwen3.8-livetranslate-flash-realtime'];

describe('booth translate', () => {
  it('sends hotwords, voice and picture, and tells the texts and what it took', async () => {
    const { url, frames, authorization } = await service([
      { type: 'conversation.item.input_audio_transcription.completed', item_id: 's', transcript: 'Good morning.' },
      { type: 'response.audio_transcript.done', item_id: 't', transcript: 'Buenos días.' },
      { type: 'response.audio.delta', item_id: 't', delta: Buffer.alloc(24_000).toString('base64') },
      { type: 'response.done', response: { id: 'r', usage: { total_tokens: 99 } } },
    ]);
    const { speech, slide, terms, out } = await material();
    const given = ['--hotwords', terms, '--image', slide, '--voice', 'Ryan', '--out', out];
    const { exitCode, stdout, stderr } = await runBooth(
      ['translate', speech, ...enEs, ...lt38, '--url', url, ...given],
      {
        environment: { DASHSCOPE_API_KEY: KEY, BOOTH_LOG_LEVEL: 'trace' },
      },
    );
    expect(stdout).toBe('en: Good morning.\nes: Buenos días.\n');
    expect(exitCode).toBe(0);
    expect(frames[0]).toMatchObject({
      session: { voice: 'Ryan', translation: { language: 'es', corpus: { phrases: { booth: 'cabina' } } } },
    });
    const images = frames.filter(({ type }) => type === 'input_image_buffer.append');
    expect(images.map(({ image }) => jpegSize(Buffer.from(String(image), 'base64')))).toEqual([
      { width: 1920, height: 1080 },
    ]);
    expect(stderr).toMatch(/1\.0 s of speech sent · 0\.5 s came back · \d+ tokens by estimate .* · price not known/);
    expect(stderr).toContain('slide.png: sent 1 time');
    expect(authorization).toEqual([`Bearer ${KEY}`]);
    expect(stdout + stderr).not.toContain(KEY);
  });

  it('counts the connections of the runs before it, and waits rather than open one too many in a minute', async () => {
    const { url, frames } = await service([{ type: 'response.text.done', item_id: 't', text: 'Hola' }]);
    const { speech } = await material();
    const environment = {
      DASHSCOPE_API_KEY: KEY,
      BOOTH_DATA_DIR: temporaryFolder(),
      BOOTH_LIVETRANSLATE_CONNECTIONS_PER_MINUTE: '1',
    };
    const args = ['translate', speech, ...enEs, ...lt38, '--url', url];
    expect(await runBooth(args, { environment })).toMatchObject({ exitCode: 0 });
    const sent = frames.length;
    const second = startBooth(args, { environment });
    await expect.poll(() => second.output.stderr).toMatch(/waiting \d+ s: an account may open few/);
    second.interrupt();
    await second.ended;
    expect(frames, 'it did not connect').toHaveLength(sent);
  });

  it('counts each connection where several languages are translated at once, and prints nothing of it', async () => {
    const { url, authorization } = await service([{ type: 'response.text.done', item_id: 't', text: 'Hola' }]);
    const { speech } = await material();
    const BOOTH_DATA_DIR = temporaryFolder();
    const args = ['translate', speech, '--from', 'en', '--to', 'es,fr,de', ...lt38, '--url', url, '--text-only'];
    const environment = { DASHSCOPE_API_KEY: KEY, BOOTH_DATA_DIR };
    const { exitCode, stderr } = await runBooth(args, { environment });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringMatching(/^{/m) });
    expect(authorization).toHaveLength(3);
    expect(JSON.parse(readFileSync(join(BOOTH_DATA_DIR, 'connections.json'), 'utf8'))).toHaveLength(3);
  });

  it('stops when the day’s budget is used up, keeps what is done, and begins nothing more', async () => {
    const { url, authorization } = await service([
      { type: 'conversation.item.input_audio_transcription.completed', item_id: 's', transcript: 'Good morning.' },
      { type: 'response.text.done', item_id: 't', text: 'Buenos días.' },
      { type: 'response.done', response: { id: 'r', usage: { total_tokens: 5000 } } },
    ]);
    const { speech, out } = await material(5);
    const srt = `${out}.srt`;
    const environment = {
      DASHSCOPE_API_KEY: KEY,
      BOOTH_DATA_DIR: temporaryFolder(),
      BOOTH_BUDGET_DAILY_TOKENS: '4000',
    };
    const args = ['translate', speech, ...enEs, ...lt38, '--url', url, '--subtitles', srt];
    const spent = /^booth: today's budget for translation is used up \(4000 tokens, BOOTH_BUDGET_DAILY_TOKENS\)/m;
    const first = await runBooth(args, { environment });
    expect(first.exitCode).toBe(1);
    expect(first.stderr).toMatch(spent);
    expect(first.stderr).toMatch(/stopped at 0:0\d: raise it, .*--resume goes on\n$/);
    expect(existsSync(srt)).toBe(false);
    const again = await runBooth([...args, '--resume'], { environment });
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(spent) });
    expect(authorization).toHaveLength(1);
    const raised = await runBooth([...args, '--resume'], {
      environment: { ...environment, BOOTH_BUDGET_DAILY_TOKENS: '0' },
    });
    expect(raised).toMatchObject({ exitCode: 0 });
    expect(readFileSync(srt, 'utf8')).toContain('Buenos días.');
  });

  it('goes on where what it uses cannot be counted, and tells it in one line', async () => {
    const done = { type: 'response.done', response: { id: 'r', usage: { total_tokens: 9 } } };
    const { url } = await service([{ type: 'response.text.done', item_id: 't', text: 'Hola' }, done]);
    const { speech, terms } = await material();
    const args = ['translate', speech, '--from', 'en', '--to', 'es,fr', ...lt38, '--url', url, '--text-only'];
    // A file stands where the folder would be.
    const environment = { DASHSCOPE_API_KEY: KEY, BOOTH_DATA_DIR: terms };
    const { exitCode, stderr } = await runBooth(args, { environment });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr.split('\n').filter((line) => line.includes('could not be written'))).toEqual([
      `${terms}: file could not be written: the next command does not count what this one uses (make it writable, or set BOOTH_DATA_DIR)`,
    ]);
    expect(stderr).not.toMatch(/^{/m);
  });

  it('tells what was downgraded, contradicted and refused', async () => {
    const { url } = await service([
      { type: 'error', error: { code: 'DataInspectionFailed', message: `inappropriate ${KEY}` } },
      { type: 'response.text.done', item_id: 't', text: 'مرحبا' },
    ]);
    const { speech } = await material();
    const args = ['translate', speech, '--from', 'en', '--to', 'ar', '--model', 'qwen3-livetranslate-flash-realtime'];
    const { stdout, stderr } = await runBooth([...args, '--url', url], { environment: { DASHSCOPE_API_KEY: KEY } });
    expect(stdout).toBe('ar: مرحبا\n');
    expect(stderr).toContain('writes "ar" and does not say it: text only.');
    expect(stderr).toContain('refused what was said: inappropriate [key]');
    expect(stderr).not.toContain(KEY);
  });

  it.each([
    [['--hotwords', 'none.yaml'], 'none.yaml: there is no such file'],
    [['--image', 'none.png'], 'none.png: there is no such file'],
    [['--voice', 'Ryan', '--text-only'], 'there is no speech for --voice'],
  ])('refuses %j before it connects', async (options, message) => {
    const { url, authorization } = await service();
    const { speech } = await material();
    const { exitCode, stdout, stderr } = await runBooth([
      'translate',
      speech,
      ...enEs,
      ...lt38,
      '--url',
      url,
      ...options,
    ]);
    expect(stdout).toBe('');
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toContain(message);
    expect(authorization).toEqual([]);
  });
});

describe('booth translate --out', () => {
  /** A voice of so many milliseconds. */
  const answer = (voiceMs: number) => [
    { type: 'response.audio_transcript.done', item_id: 't', transcript: 'Buenos días.' },
    { type: 'response.audio.delta', item_id: 't', delta: Buffer.alloc(voiceMs * 48, 4).toString('base64') },
    { type: 'response.done', response: { id: 'r' } },
  ];
  const environment = { DASHSCOPE_API_KEY: KEY };

  it('writes what is said to speech from stdin, without the original', async () => {
    const { url } = await service(answer(500));
    const { out } = await material();
    const input = new Uint8Array(2 * 16_000).fill(9);
    const args = ['translate', '-', ...enEs, ...lt38, '--url', url, '--out', out];
    expect(await runBooth(args, { environment, input })).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/voice\.wav: \d\.\d s of speech in es\n$/),
    });
    const { samples, sampleRate } = parseWav(readFileSync(out));
    expect(sampleRate).toBe(24_000);
    expect(samples.filter((sample) => sample !== 0)).toEqual(new Int16Array(12_000).fill(0x0404));
    expect(existsSync(`${out}.part`)).toBe(false);
  });

  it('refuses what would touch a file of somebody else, in one line, before it connects', async () => {
    const { url, authorization } = await service(answer(500));
    const { speech, out } = await material();
    writeFileSync(`${out}.part`, 'half a download');
    const args = ['translate', speech, ...enEs, ...lt38, '--url', url, '--out', out];
    const refused = await runBooth(args, { environment });
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^booth: .*is not Booth's.*\n$/) });
    expect(readFileSync(`${out}.part`, 'utf8')).toBe('half a download');
    expect(authorization).toEqual([]);
  });

  it('writes the sound of the languages that are spoken by it, and a transcript of the other', async () => {
    const heard = { type: 'conversation.item.input_audio_transcription.completed', item_id: 's', transcript: 'Hello.' };
    const { url } = await service([heard, ...answer(500)]);
    const { speech, out } = await material();
    const given = ['--to', 'en,es', '--out', out, '--subtitles', `${out}.srt`];
    const { exitCode, stderr } = await runBooth(
      ['translate', speech, '--from', 'en', ...lt38, '--url', url, ...given],
      { environment },
    );
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/voice\.es\.wav: \d\.\d s of speech in es/);
    expect(stderr).toMatch(/voice\.wav\.en\.srt: subtitles in en/);
    expect(stderr).not.toContain('of speech in en');
    expect(existsSync(join(out, '../voice.en.wav'))).toBe(false);
  });

  it('refuses a device as the place for what it writes', async () => {
    const { speech } = await material();
    const refused = await runBooth(['translate', speech, ...enEs, ...lt38, '--out', '/dev/null'], { environment });
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^booth: \/dev\/null: is a device or a pipe, not a file: name a file, or leave/),
    });
  });

  it.runIf(canMakeDisks()).each([
    ['before it connects', 64, /voice\.wav: needs about \d+ MB, and the disk has \d+ MB left/, 0],
    ['when it fills up', 512, /voice\.wav\.part: there is no room left on the disk/, 1],
  ])('tells of a full disk in one line, %s', async (_when, kilobytes, problem, connections) => {
    const ended = { type: 'response.audio.done' };
    const first = [...answer(100), ended].map((frame) => ({ ...frame, item_id: 'first' }));
    const { url, authorization } = await service([...first, ...answer(20_000)]);
    const { speech } = await material();
    const { folder, startedBy } = smallDisk(kilobytes);
    const args = ['translate', speech, ...enEs, ...lt38, '--url', url, '--out', join(folder, 'voice.wav')];
    const { exitCode, stderr } = await runBooth(args, { environment, startedBy });
    expect(exitCode).toBe(1);
    expect(stderr.split('\n').filter((line) => problem.test(line))).toHaveLength(1);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stderr.includes('is kept: when what follows is mended, the same command with --resume')).toBe(
      connections > 0,
    );
    expect(authorization).toHaveLength(connections);
  });
});

describe('booth translate --dry-run', () => {
  const shortened = (frame: Frame): Frame => {
    const short = (value: unknown) =>
      typeof value === 'string' && value.length > 80 ? `<${value.length} characters of base64>` : value;
    return {
      ...frame,
      ...('audio' in frame && { audio: short(frame.audio) }),
      ...('image' in frame && { image: short(frame.image) }),
    };
  };

  it('prints exactly what is sent otherwise, and connects nowhere', async () => {
    const { url, frames, authorization } = await service([
      { type: 'response.text.done', item_id: 't', text: 'Buenos días.' },
    ]);
    const { speech, slide, terms } = await material();
    const args = ['translate', speech, ...enEs, ...lt38, '--url', url, '--hotwords', terms, '--image', slide];
    const environment = { DASHSCOPE_API_KEY: KEY };
    const dry = await runBooth([...args, '--dry-run'], { environment });
    expect(dry.exitCode).toBe(0);
    expect(authorization).toEqual([]);
    await runBooth(args, { environment });

    const printed = dry.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Frame);
    // Where in the speech the picture comes depends on how soon a service is ready.
    const sorted = (all: Frame[]): Frame[] =>
      all.map(({ event_id, ...frame }) => frame as Frame).sort((a, b) => a.type.localeCompare(b.type));
    expect(sorted(printed)).toEqual(sorted(frames.map(shortened)));
    expect(printed.map(({ type }) => type).slice(0, 3)).toEqual([
      'session.update',
      'input_audio_buffer.append',
      'input_image_buffer.append',
    ]);
    expect(printed.at(-1)?.type).toBe('session.finish');
    expect(printed[1]?.audio).toBe('<4268 characters of base64>');
    expect(dry.stderr).toContain(`URL: ${url}?model=qwen3.8-livetranslate-flash-realtime`);
    expect(dry.stderr).toContain('DASHSCOPE_API_KEY is set');
    expect(dry.stdout + dry.stderr).not.toContain(KEY);
  });

  it('names the files that it would write, and writes none', async () => {
    const { speech, out } = await material();
    const given = ['--to', 'es,fr', '--out', out, '--subtitles', `${out}.srt`, '--json'];
    const dry = await runBooth(['translate', speech, '--from', 'en', ...lt38, ...given, '--dry-run']);
    expect(dry.exitCode).toBe(0);
    for (const name of ['voice.es.wav', 'voice.fr.wav', 'voice.wav.es.srt', 'voice.wav.fr.srt'])
      expect(dry.stderr).toContain(`would write ${join(out, '..', name)}\n`);
    expect(readdirSync(join(out, '..')).filter((name) => name.startsWith('voice'))).toEqual([]);
  });

  it('needs no key, shows the host of the model, and does not take as long as the speech', async () => {
    const { speech } = await material(130);
    const { slide } = await material();
    const began = performance.now();
    const { exitCode, stdout, stderr } = await runBooth([
      'translate',
      speech,
      ...enEs,
      ...lt38,
      '--text-only',
      '--image',
      slide,
      '--dry-run',
    ]);
    expect(performance.now() - began).toBeLessThan(100_000);
    expect(exitCode).toBe(0);
    expect(stdout.match(/input_image_buffer/g)).toHaveLength(3);
    expect(stdout.trim().split('\n').length).toBeLessThan(60);
    expect(stderr).toMatch(/^and \d{4} more of input_audio_buffer\.append$/m);
    expect(stderr).toContain('URL: wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime?model=qwen3.8-');
    expect(stderr).toContain('DASHSCOPE_API_KEY is not set');
    expect(stderr).toContain('nothing is sent');
  });
});
