/**
 * The whole way, each part a process of its own as people start it: `booth start` serves, `booth speak` says what a human said,
 * `booth listen` hears and reads the translation. Worker, transports, engine: all real.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { levelDb } from '../../audio/level.ts';
import { parseWav } from '../../audio/wav.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { ServedMeeting, textOf } from '../support/served.ts';
import { chunks } from '../support/sound.ts';
import { areInterpreted } from '../support/spoken-sentences.ts';
import { until } from '../support/until.ts';

const PATIENCE_MS = 60_000;

describe('someone speaks, someone else hears and reads the translation', () => {
  areInterpreted(['conf-waitforleader', 'queue-youarenext', 'ss-noservice'], { words: ['conferencia', 'servicio'] });

  it('captions an English conversation for its English readers, and nobody for what the interpreter said', async () => {
    const meeting = await ServedMeeting.start();
    const spanish = await meeting.listen('es');
    const english = await meeting.listen('en');
    await meeting.say('conf-waitforleader');
    await until(() => spanish.said >= 1, PATIENCE_MS);
    await meeting.say('conf-now-recording');
    await until(() => english.finals('original').length >= 2, PATIENCE_MS);
    expect(english.finals('original')[0]).toMatchObject({ language: 'en', speaker: { id: 'jane', name: 'Jane' } });
    expect(english.finals('translation')).toEqual([]);
    expect(new Set(spanish.messages.map(({ speaker }) => speaker.id))).toEqual(new Set(['jane']));
  });

  it('says two who speak at once on a track each where tracks are per speaker', async () => {
    const meeting = await ServedMeeting.start({ BOOTH_INTERPRETATION_TRACKS: 'perSpeaker' });
    const file = join(temporaryFolder(), 'both.wav');
    const listener = await meeting.listen('es', '--out', file);
    await Promise.all([meeting.say('demo-nogo', 'Jane'), meeting.say('demo-nogo', 'Ann')]);
    await until(() => new Set(listener.playouts('ended').map(({ speaker }) => speaker.name)).size === 2, PATIENCE_MS);
    expect(await listener.stop()).toMatchObject({ exitCode: 0 });

    const [first, second] = ['Jane', 'Ann'].map((name) => {
      const of = (state: 'started' | 'ended') =>
        listener
          .playouts(state)
          .filter(({ speaker }) => speaker.name === name)
          .map(({ at }) => at);
      return { from: Math.min(...of('started')), to: Math.max(...of('ended')) };
    });
    expect(Math.max(first?.from ?? 0, second?.from ?? 0), 'both sound at once').toBeLessThan(
      Math.min(first?.to ?? 0, second?.to ?? 0),
    );
    const { samples, sampleRate } = parseWav(readFileSync(file));
    const voiced = [...chunks(samples, sampleRate / 10)].filter((part) => levelDb(part) > -40);
    expect(voiced.length, 'tenths of a second with a voice in them').toBeGreaterThan(30);
  });

  it('goes on with the next sentence when the engine is killed in the middle of one', async () => {
    const meeting = await ServedMeeting.start();
    const listener = await meeting.listen('es');
    await meeting.say('conf-waitforleader');
    await until(() => listener.finals('translation').length >= 1, PATIENCE_MS);

    const speaking = meeting.say('queue-youarenext');
    await until(() => listener.captions.some(({ stable }) => /first/.test(stable)), PATIENCE_MS);
    process.kill(enginePidIn(meeting.log), 'SIGKILL');
    await speaking;
    await until(() => meeting.log.split('offline engine running').length === 3, PATIENCE_MS);
    await meeting.say('conf-now-recording');
    const spanish = () => listener.finals('translation').map((final) => textOf(final).toLowerCase());
    await until(() => spanish().filter((text) => text.includes('conferencia')).length >= 2, PATIENCE_MS);
    // The sentence that the engine was killed in may come after the next one: each has a session of its own by then.
    await until(() => spanish().join(' ').includes('llamada'), PATIENCE_MS);

    const finals = listener.captions.filter(({ final }) => final).map(({ utterance }) => utterance);
    const utterances = new Set(listener.captions.map(({ utterance }) => utterance));
    expect(finals.sort(), 'one final each').toEqual([...utterances].sort());
  });
});

/** As the server's log says. */
function enginePidIn(log: string): number {
  const line = log.split('\n').find((text) => text.includes('offline engine running'));
  const { enginePid }: { enginePid?: number } = JSON.parse(line ?? '{}');
  if (enginePid === undefined) throw new Error(`no engine in the log:\n${log}`);
  return enginePid;
}
