/**
 * The whole way, each part a process of its own as people start it: `booth start` serves, `booth speak` says what a human said,
 * `booth listen` hears and reads the translation. Worker, transports, engine: all real.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseWav } from '../../audio/wav.ts';
import { level } from '../../bot/participant/voice-gate.ts';
import type { Caption, RoomMessage } from '../../protocol/room-messages.ts';
import { speechDir } from '../../scripts/places.mjs';
import { runBooth, startBooth, temporaryFolder } from '../support/booth-process.ts';
import { chunks } from '../support/sound.ts';
import { until } from '../support/until.ts';
import { wordErrors } from '../support/wer.ts';

/** Sentences with their transcripts, among them what the engine finds hard. */
const prompts = [
  'conf-onlyone',
  'conf-waitforleader',
  'conf-now-recording',
  'conf-leaderhasleft',
  'conf-getpin',
  'demo-echodone',
  'feature-not-avail-line',
  'cannot-complete-as-dialed',
  'ss-noservice',
  'queue-youarenext',
];

const transcripts = () =>
  JSON.parse(readFileSync(join(speechDir(process.env), 'transcript.json'), 'utf8')) as Record<string, string>;
const recording = (name: string) => join(speechDir(process.env), `${name}.wav`);

/** A meeting that is served until the test is over. */
async function meeting() {
  const environment = { BOOTH_PORT: '0', BOOTH_RTC_PORT: '0', BOOTH_DATA_DIR: temporaryFolder() };
  const start = startBooth(['start'], { environment });
  await until(() => start.output.stdout.includes('\n'), 60_000);
  const { origin } = new URL(start.output.stdout.trim());
  const token = async (identity: string, ...more: string[]) => {
    const args = ['token', '--room', 'hall', '--identity', identity, ...more];
    return (await runBooth(args, { environment })).stdout.trim();
  };
  const enter = async (identity: string, ...more: string[]) => {
    const credentials = ['--room', 'hall', '--url', origin, '--token', await token(identity, ...more)];
    return credentials;
  };
  return {
    log: start.output,
    async say(name: string) {
      const who = await enter('jane', '--name', 'Jane', '--speaks', 'en');
      return startBooth(['speak', recording(name), ...who]).ended;
    },
    async listen(language: string, ...more: string[]) {
      const who = await enter(`reader-${language}`);
      const listening = startBooth(['listen', '--language', language, '--json', ...more, ...who]);
      const messages = (): RoomMessage[] =>
        listening.output.stdout
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line));
      const finals = (kind: Caption['kind']): Caption[] =>
        messages().filter(
          (message): message is Caption => message.type === 'caption' && message.final && message.kind === kind,
        );
      // An interpreter comes when somebody chooses a language.
      await until(() => start.output.stderr.includes('interpreter is in the room'), 30_000);
      return { ...listening, messages, finals };
    },
  };
}

const textOf = ({ stable, corrected }: Caption): string => corrected ?? stable;

describe('someone speaks, someone else hears and reads the translation', () => {
  beforeAll(() => {
    expect(Object.keys(transcripts())).toEqual(expect.arrayContaining(prompts));
  });

  it('captions ten human sentences in both languages and says them in Spanish', { timeout: 400_000 }, async () => {
    const { listen, say } = await meeting();
    const file = join(temporaryFolder(), 'spanish.wav');
    const listener = await listen('es', '--out', file);
    for (const name of prompts) expect(await say(name)).toMatchObject({ exitCode: 0 });
    const played = () =>
      listener.messages().filter((message) => message.type === 'playout' && message.state === 'ended').length;
    await until(() => played() >= prompts.length, 60_000);
    listener.process.kill('SIGINT');
    expect(await listener.ended).toMatchObject({ exitCode: 0 });

    const said = prompts.map((name) => transcripts()[name] ?? '').join(' ');
    const heard = listener.finals('original').map(textOf).join(' ');
    const { errors, words } = wordErrors(said, heard);
    expect(errors / words, `${errors} of ${words} words wrong: ${heard}`).toBeLessThan(0.25);

    const spanish = listener.finals('translation').map(textOf).join(' ').toLowerCase();
    for (const word of ['conferencia', 'participante', 'servicio', 'línea']) expect(spanish).toContain(word);
    expect(listener.finals('translation').every(({ language, of }) => language === 'es' && of !== undefined)).toBe(
      true,
    );

    const { samples, sampleRate } = parseWav(readFileSync(file));
    const voiced = [...chunks(samples, sampleRate / 10)].filter((part) => level(part) > -40);
    expect(voiced.length, 'tenths of a second with a voice in them').toBeGreaterThan(100);
  });

  it('captions an English conversation for its English readers, and nobody for what the interpreter said', async () => {
    const { listen, say } = await meeting();
    const spanish = await listen('es');
    const english = await listen('en');
    await say('conf-waitforleader');
    const ended = () => spanish.messages().some((message) => message.type === 'playout' && message.state === 'ended');
    await until(ended, 60_000);
    await say('conf-now-recording');
    await until(() => english.finals('original').length >= 2, 60_000);
    expect(english.finals('original')[0]).toMatchObject({ language: 'en', speaker: { id: 'jane', name: 'Jane' } });
    expect(english.finals('translation')).toEqual([]);
    expect(new Set(spanish.messages().map(({ speaker }) => speaker.id))).toEqual(new Set(['jane']));
  });

  it('goes on with the next sentence when the engine is killed in the middle of one', async () => {
    const { listen, say, log } = await meeting();
    const listener = await listen('es');
    await say('conf-waitforleader');
    await until(() => listener.finals('translation').length >= 1, 60_000);
    const speaking = say('queue-youarenext');
    const inTheMiddle = () =>
      listener.messages().some((message) => message.type === 'caption' && /first/.test(message.stable));
    await until(inTheMiddle, 60_000);
    process.kill(enginePidIn(log.stderr), 'SIGKILL');
    await speaking;
    await until(() => countOf(log.stderr, 'the offline engine runs') === 2, 60_000);
    const after = listener.finals('translation').length;
    await say('conf-now-recording');
    await until(() => listener.finals('translation').length > after, 60_000);
    expect(textOf(listener.finals('translation').at(-1) as Caption).toLowerCase()).toContain('conferencia');

    const utterances = listener.messages().filter((message) => message.type === 'caption');
    for (const id of new Set(utterances.map(({ utterance }) => utterance))) {
      const finals = utterances.filter(({ utterance, final }) => utterance === id && final);
      expect(finals.length, `finals of ${id}`).toBe(1);
    }
  });
});

const countOf = (text: string, part: string): number => text.split(part).length - 1;

/** As its log says. */
function enginePidIn(log: string): number {
  const line = log.split('\n').find((text) => text.includes('the offline engine runs'));
  const { enginePid } = JSON.parse(line ?? '{}') as { enginePid?: number };
  if (enginePid === undefined) throw new Error(`no engine in the log:\n${log}`);
  return enginePid;
}
