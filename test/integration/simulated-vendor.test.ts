/**
 * The whole way through the cloud model's protocol, each part a process of its own: `booth start` with a key, `booth simulate` in
 * the vendor's place, people who speak, hear and read.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { CaptionMessage } from '@mediasoup-booth/protocol';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { levelDb } from '../../audio/level.ts';
import { parseWav } from '../../audio/wav.ts';
import { qwen3, qwen35, qwen38 } from '../../config/models.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { runBooth, temporaryFolder } from '../support/booth-process.ts';
import { recording, type ServedListener, ServedMeeting, textOf } from '../support/served.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { chunks } from '../support/sound.ts';
import { until } from '../support/until.ts';

const KEY = 'sk-7f3a-never-to-be-seen';
const PATIENCE_MS = 60_000;
const WRITTEN_ONLY = { [qwen3.id]: 'ar', [qwen35.id]: 'el', [qwen38.id]: 'el' };

const servedBy = (vendor: SimulatedVendor, { key = KEY, model = qwen3.id } = {}): Promise<ServedMeeting> =>
  ServedMeeting.start({
    DASHSCOPE_API_KEY: key,
    BOOTH_LIVETRANSLATE_URL: vendor.url,
    BOOTH_LIVETRANSLATE_MODEL: model,
    BOOTH_LOG_LEVEL: 'debug',
  });

async function arePresent(meeting: ServedMeeting, people: number): Promise<void> {
  for (let present = 0; present < people; present = await meeting.metric('booth_participants')) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const utterancesOf = (captions: readonly CaptionMessage[]): string[] => [
  ...new Set(captions.map(({ utterance }) => utterance)),
];

function expectOneFinalEach({ captions }: ServedListener): void {
  const finals = captions.filter(({ final }) => final);
  expect(finals.map(({ utterance }) => utterance).sort()).toEqual(utterancesOf(captions).sort());
}

describe.each([qwen3, qwen35, qwen38])('a meeting interpreted by $id', (model) => {
  it('is heard and read, in a language that the model says and one that it only writes', async () => {
    const written = WRITTEN_ONLY[model.id] ?? '';
    const vendor = await SimulatedVendor.start({
      account: { keys: [KEY] },
      utterances: [{ source: 'the leader is late', translations: { es: 'el líder llega tarde', [written]: 'λ λ' } }],
    });
    const meeting = await servedBy(vendor, { model: model.id });
    const folder = temporaryFolder();
    const [hearer, reader] = await Promise.all([
      meeting.listen('es', '--out', join(folder, 'es.wav')),
      meeting.listen(written, '--out', join(folder, 'written.wav')),
    ]);
    await arePresent(meeting, 2);
    for (const name of ['conf-waitforleader', 'conf-now-recording']) {
      expect(await meeting.say(name)).toMatchObject({ exitCode: 0 });
    }
    await until(() => hearer.said >= 2 && reader.finals('translation').length >= 2, PATIENCE_MS);
    for (const listener of [hearer, reader]) expect(await listener.stop()).toMatchObject({ exitCode: 0 });

    const originals = hearer.finals('original').map(({ utterance }) => utterance);
    for (const listener of [hearer, reader]) {
      expectOneFinalEach(listener);
      expect(
        listener.finals('translation').map(({ sourceUtterance: of }) => of),
        'each names an original that was published',
      ).toEqual(originals);
    }
    expect(originals).toHaveLength(2);
    expect(textOf(hearer.finals('translation')[0] as CaptionMessage)).toBe('el líder llega tarde.');

    const { samples, sampleRate } = parseWav(readFileSync(join(folder, 'es.wav')));
    const voiced = [...chunks(samples, sampleRate / 10)].filter((part) => levelDb(part) > -40);
    expect(voiced.length, 'tenths of a second with a voice in them').toBeGreaterThan(10);
    expect(statSync(join(folder, 'written.wav')).size, 'a header and no sound').toBe(44);
    const told = reader.messages.flatMap((message) => (message.type === 'status' ? (message.message ?? []) : []));
    expect(told).toContain(`${model.id} writes "${written}" and does not say it: captions only.`);

    const { connections, refused, connectionsPerMinute } = await vendor.stats();
    expect(refused).toEqual([]);
    expect(connectionsPerMinute).toBe(2);
    expect(connections.flatMap(({ violations }) => violations)).toEqual([]);
    const configured = connections.map((connection) => [connection.model, connection.configuration] as const);
    const common = model === qwen38 ? {} : { source: 'en' };
    expect(configured.toSorted(([, a], [, b]) => Number(b?.audio) - Number(a?.audio))).toMatchObject([
      [model.id, { ...common, target: 'es', audio: true, voice: model.voice }],
      [model.id, { ...common, target: written, audio: false }],
    ]);
    expect(await meeting.metric('booth_session_connections_total')).toBe(2);
    expect(await meeting.metric('booth_session_tokens_total')).toBeGreaterThan(50);
    expect(meeting.log).toContain('"level":20');
    expect(meeting.everythingPrinted + vendor.process.output.stderr).not.toContain(KEY);
  });
});

describe('a vendor on a bad day', () => {
  it('loses no sentence, says none twice, and what it refuses is marked', async () => {
    const sentences = ['one', 'two', 'three', 'four'];
    const script: ScriptInput = {
      account: { keys: [KEY] },
      paraphrases: false,
      speech: { closeAfterMs: 1000 },
      utterances: sentences.map((word) => ({ source: `sentence ${word}`, translations: { es: `frase ${word}` } })),
      faults: [
        { on: { utterance: 1, afterMs: 1500 }, do: 'cut' },
        { on: { utterance: 3 }, do: 'contentError' },
        { on: { utterance: 4, afterMs: 1000 }, do: 'stall' },
      ],
    };
    const vendor = await SimulatedVendor.start(script);
    const meeting = await servedBy(vendor);
    const listener = await meeting.listen('es');
    const terminal = await meeting.read('es');
    await arePresent(meeting, 2);
    const translations = (): CaptionMessage[] => listener.finals('translation');
    for (const [i, name] of ['conf-waitforleader', 'conf-now-recording', 'conf-onlyone'].entries()) {
      await meeting.say(name);
      await until(() => translations().length > i, PATIENCE_MS);
    }
    await until(() => listener.said >= 2, PATIENCE_MS);
    await listener.stop();
    expectOneFinalEach(listener);
    expect(translations().map(({ contentFiltered: refused }) => refused === true)).toEqual([false, true, false]);
    for (const caption of translations()) expect(textOf(caption) === '').toBe(caption.contentFiltered === true);
    expect(new Set(translations().map(textOf)).size, 'none twice').toBe(3);

    const read = stripVTControlCharacters(terminal.output.stdout);
    expect(read).toContain('es: (not translated: refused by the service)');
    expect(read).toContain('refused what was said');
    expect(read).toContain('Booth connects again by itself.');
    const { connections, connectionsPerMinute } = await vendor.stats();
    expect(connections.length).toBeGreaterThanOrEqual(3);
    expect(connectionsPerMinute).toBeLessThanOrEqual(8);
    expect(meeting.everythingPrinted).not.toContain(KEY);
  });

  it('does not know the key: whoever reads learns what to do, and it is not asked again', async () => {
    const vendor = await SimulatedVendor.start({ account: { keys: ['sk-another'] } });
    const meeting = await servedBy(vendor);
    const terminal = await meeting.read('es');
    await arePresent(meeting, 1);
    for (const name of ['conf-waitforleader', 'conf-now-recording']) await meeting.say(name);
    await until(() => terminal.output.stdout.includes('DASHSCOPE_API_KEY'), PATIENCE_MS);
    expect(stripVTControlCharacters(terminal.output.stdout)).toContain(
      `(Jane, es: The translation service at ${new URL(vendor.url).host} refused the API key`,
    );
    expect(meeting.log).toContain('refused the API key');
    const { connections, refused } = await vendor.stats();
    expect(connections).toEqual([]);
    expect(refused.map(({ status }) => status)).toEqual([401]);
    expect(meeting.everythingPrinted + vendor.process.output.stderr).not.toContain(KEY);
  });
});

describe('booth translate against booth simulate', () => {
  it('brings picture, hotwords and speech, and with --dry-run nothing at all', async () => {
    const vendor = await SimulatedVendor.start({ account: { keys: [KEY] } });
    const folder = temporaryFolder();
    const slide = join(folder, 'slide.png');
    const terms = join(folder, 'terms.yaml');
    const picture = { create: { width: 1280, height: 720, channels: 3, background: 'teal' } } as const;
    await sharp(picture).png().toFile(slide);
    writeFileSync(terms, 'leader: líder\n');
    const languages = ['--from', 'en', '--to', 'es', '--model', qwen38.id, '--url', vendor.url];
    const args = ['translate', recording('conf-waitforleader'), ...languages, '--image', slide, '--hotwords', terms];
    const environment = { DASHSCOPE_API_KEY: KEY };

    const dry = await runBooth([...args, '--dry-run'], { environment });
    const frames = dry.stdout.trim().split('\n');
    expect(dry.exitCode).toBe(0);
    expect(frames.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(
      expect.arrayContaining(['session.update', 'input_image_buffer.append', 'session.finish']),
    );
    expect((await vendor.stats()).connections).toEqual([]);

    const { exitCode, stdout, stderr } = await runBooth(args, { environment });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^en: .+\n(.*\n)*es: .+/);
    expect(stderr).toContain('slide.png: sent 1 time');
    const [connection] = (await vendor.stats()).connections;
    // Only a JPEG has a size there.
    expect(connection).toMatchObject({
      model: qwen38.id,
      images: [{ width: 1280, height: 720 }],
      configuration: { target: 'es', audio: true, hotwords: { leader: 'líder' } },
      violations: [],
      ended: { by: 'client' },
    });
    expect(connection?.audioSeconds).toBeGreaterThan(2.5);
    expect([dry.stdout, dry.stderr, stdout, stderr, vendor.process.output.stderr].join()).not.toContain(KEY);
  });
});
