/** A meeting that is interpreted by the cloud model's protocol, each part a process of its own: what its tests share. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CaptionMessage } from '@mediasoup-booth/protocol';
import { expect, it } from 'vitest';
import { levelDb } from '../../audio/level.ts';
import { parseWav } from '../../audio/wav.ts';
import { type Model, qwen3, qwen35, qwen38 } from '../../config/models.ts';
import { temporaryFolder } from './booth-process.ts';
import { type ServedListener, ServedMeeting, textOf } from './served.ts';
import { SimulatedVendor } from './simulated-vendor.ts';
import { chunks } from './sound.ts';
import { until } from './until.ts';

export const KEY = 'sk-7f3a-never-to-be-seen';
export const PATIENCE_MS = 60_000;
const WRITTEN_ONLY = { [qwen3.id]: 'ar', [qwen35.id]: 'el', [qwen38.id]: 'el' };

export const servedBy = (vendor: SimulatedVendor, { key = KEY, model = qwen3.id } = {}): Promise<ServedMeeting> =>
  ServedMeeting.start({
    DASHSCOPE_API_KEY: key,
    BOOTH_LIVETRANSLATE_URL: vendor.url,
    BOOTH_LIVETRANSLATE_MODEL: model,
    BOOTH_LOG_LEVEL: 'debug',
  });

export async function arePresent(meeting: ServedMeeting, people: number): Promise<void> {
  for (let present = 0; present < people; present = await meeting.metric('booth_participants')) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const utterancesOf = (captions: readonly CaptionMessage[]): string[] => [
  ...new Set(captions.map(({ utterance }) => utterance)),
];

export function expectOneFinalEach({ captions }: ServedListener): void {
  const finals = captions.filter(({ final }) => final);
  expect(finals.map(({ utterance }) => utterance).sort()).toEqual(utterancesOf(captions).sort());
}

/** What a meeting promises that this model interprets, as a test. */
export function isInterpretedBy(model: Model): void {
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
}
