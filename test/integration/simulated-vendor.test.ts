/**
 * The whole way through the cloud model's protocol, each part a process of its own: `booth start` with a key, `booth simulate` in
 * the vendor's place, people who speak, hear and read. The later models are with the long tests.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { CaptionMessage } from '@mediasoup-booth/protocol';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { qwen3, qwen38 } from '../../config/models.ts';
import type { ScriptInput } from '../../engine/scripted/script.ts';
import { runBooth, temporaryFolder } from '../support/booth-process.ts';
import {
  arePresent,
  expectOneFinalEach,
  isInterpretedBy,
  KEY,
  PATIENCE_MS,
  servedBy,
} from '../support/cloud-meeting.ts';
import { recording, textOf } from '../support/served.ts';
import { SimulatedVendor } from '../support/simulated-vendor.ts';
import { until } from '../support/until.ts';

describe(`a meeting interpreted by ${qwen3.id}`, () => isInterpretedBy(qwen3));

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
