/** The real engine over real sockets, with people speaking. Speech is sent faster than it was said, in any order of frames. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ENGINE_KEY, EngineClient } from '../../bench/support/engine-client.ts';
import { append, jpeg, update } from '../../bench/support/scripted-backend.ts';
import { humanSpeech } from '../../bench/support/speech.ts';
import { wordErrors } from '../../bench/support/wer.ts';
import { EngineError } from '../../engine/engine-error.ts';
import { type EngineComponents, startOfflineEngine } from '../../engine/offline/engine.ts';
import type { EngineServer } from '../../engine/wire/serve.ts';
import { engineParts, speechDir } from '../../scripts/places.mjs';
import { childrenOf, processes } from '../../scripts/test/processes.mjs';

const parts: EngineComponents = engineParts(process.env);
const log = pino({ level: 'silent' });
const start = (changed: Partial<EngineComponents> = {}, port = 0): Promise<EngineServer> =>
  startOfflineEngine({ host: '127.0.0.1', port, key: ENGINE_KEY, components: { ...parts, ...changed }, log });

const said = JSON.parse(readFileSync(join(speechDir(process.env), 'transcript.json'), 'utf8')) as Record<
  string,
  string
>;
const silence = (seconds: number): Int16Array => new Int16Array(16_000 * seconds);

let engine: EngineServer;
beforeAll(async () => {
  engine = await start();
});
afterAll(() => engine?.close());

const clients: EngineClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

function connect(url = engine.url): Promise<EngineClient> {
  const client = new EngineClient(url);
  clients.push(client);
  return client.opened();
}

const configured = async (session: object = {}): Promise<EngineClient> => (await connect()).says(update(session));

describe('more people who speak than the engine recognises at a time', () => {
  it('are served in the order in which they began: those who wait are told for how many, and lose nothing', {
    timeout: 300_000,
  }, async () => {
    const narrow = await startOfflineEngine({
      host: '127.0.0.1',
      port: 0,
      key: ENGINE_KEY,
      components: parts,
      threads: 1,
      log,
    });
    const name = 'confbridge-pin-bad';
    const finished: number[] = [];
    const people: EngineClient[] = [];
    for (let i = 0; i < 4; i++) {
      const client = (await connect(narrow.url)).says(update());
      people.push(client.speaks(humanSpeech(name).samples));
      await client.frame('input_audio_buffer.backlog');
    }
    await Promise.all(people.map((client, i) => client.finished().then(() => finished.push(i))));
    await narrow.close();

    expect(finished).toEqual([0, 1, 2, 3]);
    const ahead = people.map((client) => client.of('input_audio_buffer.backlog').map((frame) => frame.speakers_ahead));
    expect(ahead[0]?.every((count) => count === undefined)).toBe(true);
    for (const i of [1, 2, 3]) expect(ahead[i]).toContain(i);
    for (const client of people) {
      expect(client.of('error')).toEqual([]);
      expect(wordErrors(said[name] ?? '', client.transcript).errors).toBeLessThan(
        0.4 * (said[name] ?? '').split(' ').length,
      );
    }
  });
});

describe('somebody speaking English', () => {
  it('is understood while they speak, then translated, then heard in Spanish, in the vendor’s order', async () => {
    const client = (await configured()).speaks(humanSpeech('confbridge-removed').samples);
    await client.finished();

    expect(client.transcript).toBe('You have been removed from the conference.');
    expect(client.translation).toBe('Has sido sacado de la conferencia.');
    expect(client.voice.length / 24_000).toBeGreaterThan(1);
    expect(client.voice.length / 24_000).toBeLessThan(5);
    expect(Math.max(...client.voice.map(Math.abs))).toBeGreaterThan(3000);

    // How far it is behind, it says at any time, and on a busy computer more often.
    const types = client.frames.map(({ type }) => type).filter((type) => type !== 'input_audio_buffer.backlog');
    expect(types.filter((type, i) => type !== types[i - 1])).toEqual([
      'session.created',
      'session.updated',
      'input_audio_buffer.speech_started',
      'conversation.item.input_audio_transcription.text',
      'input_audio_buffer.speech_stopped',
      'conversation.item.input_audio_transcription.completed',
      'conversation.item.created',
      'response.created',
      'response.output_item.added',
      'response.content_part.added',
      'response.audio_transcript.text',
      'response.audio.delta',
      'response.audio_transcript.done',
      'response.audio.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.done',
      'session.finished',
    ]);
  });

  it('is shown ever more text that stays, and then what may change', async () => {
    const client = (await configured()).speaks(humanSpeech('confbridge-pin-bad').samples);
    await client.finished();
    const texts = client
      .of('conversation.item.input_audio_transcription.text')
      .map(({ text, stash }) => [String(text), String(stash)] as const);
    expect(texts.length).toBeGreaterThan(3);
    const takenBack = texts.filter(([text], i) => !text.startsWith(texts[i - 1]?.[0] ?? ''));
    expect(takenBack).toEqual([]);
    expect(texts.at(-1)?.[0]).toMatch(/^You have entered/);
    expect(client.transcript.startsWith(texts.at(-1)?.[0] ?? '?')).toBe(true);
  });

  it.each(['demo-abouttotry', 'demo-congrats'])('keeps to the end the words that it said stay: %s', async (name) => {
    const client = (await configured()).speaks(humanSpeech(name).samples);
    await client.finished();
    const shown = new Map(
      client
        .of('conversation.item.input_audio_transcription.text')
        .map(({ item_id, text }) => [item_id, String(text)] as const),
    );
    const finals = client.of('conversation.item.input_audio_transcription.completed');
    expect(finals.filter(({ item_id }) => shown.get(item_id)).length).toBeGreaterThan(0);
    const contradicted = finals.filter(
      ({ item_id, transcript }) => !String(transcript).startsWith(shown.get(item_id) ?? ''),
    );
    expect(contradicted).toEqual([]);
  });

  it('is placed in time', async () => {
    const client = (await configured()).speaks(silence(2)).speaks(humanSpeech('confbridge-removed').samples);
    await client.finished();
    const [began] = client.of('input_audio_buffer.speech_started');
    const [stopped] = client.of('input_audio_buffer.speech_stopped');
    expect(Number(began?.audio_start_ms)).toBeGreaterThan(1900);
    expect(Number(began?.audio_start_ms)).toBeLessThan(2600);
    expect(Number(stopped?.audio_end_ms)).toBeGreaterThan(3500);
    expect(Number(stopped?.audio_end_ms)).toBeLessThan(4800);
  });

  it('needs no end of the session for a sentence to be answered, only silence', async () => {
    const client = (await configured()).speaks(humanSpeech('confbridge-removed').samples).speaks(silence(2));
    await client.frame('response.done');
    client.speaks(humanSpeech('vm-sorry').samples).speaks(silence(2));
    await expect.poll(() => client.of('response.done').length).toBe(2);
    const pairs = client.of('conversation.item.created').map(({ previous_item_id }) => previous_item_id);
    const items = client.of('conversation.item.input_audio_transcription.completed').map(({ item_id }) => item_id);
    expect(pairs).toEqual(items);
    expect(client.translation).toMatch(/conferencia.*no entendí/);
  });

  it('is misheard in less than a quarter of the words of ten sentences, two people at a time', {
    timeout: 300_000,
  }, async () => {
    const names = [
      'conf-now-recording',
      'conf-leaderhasleft',
      'confbridge-pin-bad',
      'confbridge-only-one',
      'feature-not-avail-line',
      'auth-incorrect',
      'vm-sorry',
      'demo-nogo',
      'pbx-invalidpark',
      'queue-youarenext',
    ];
    const total = { errors: 0, words: 0 };
    for (let i = 0; i < names.length; i += 2) {
      await Promise.all(
        names.slice(i, i + 2).map(async (name) => {
          const client = (await configured({ translation: { language: 'en' } })).speaks(humanSpeech(name).samples);
          await client.finished();
          const { errors, words } = wordErrors(said[name] ?? '', client.transcript);
          total.errors += errors;
          total.words += words;
        }),
      );
    }
    expect(total.words).toBeGreaterThan(80);
    expect(total.errors / total.words).toBeLessThan(0.25);
  });
});

describe('any LiveTranslate client', () => {
  it('may send settings, audio and pictures before it has read anything, as the vendor’s sample does', async () => {
    const speech = humanSpeech('confbridge-removed').samples;
    const client = await connect();
    client.says({
      event_id: 'event_1763800000000',
      type: 'session.update',
      session: {
        modalities: ['text', 'audio'],
        voice: 'Cherry',
        input_audio_format: 'pcm',
        output_audio_format: 'pcm',
        translation: { language: 'es' },
      },
    });
    for (let at = 0; at < speech.length; at += 1600) {
      client.says({ event_id: `event_${at}`, ...append(speech.subarray(at, at + 1600)) });
      if (at % 8000 === 0) client.says({ type: 'input_image_buffer.append', image: jpeg(1000) });
    }
    await client.finished();
    expect(client.frames[0]?.type).toBe('session.created');
    expect(client.of('error')).toEqual([]);
    expect(client.translation).toBe('Has sido sacado de la conferencia.');
    expect(client.transcript).toBe('');
  });

  it('gets text alone where it asked for no voice', async () => {
    const client = (await configured({ modalities: ['text'] })).speaks(humanSpeech('confbridge-removed').samples);
    await client.finished();
    expect(client.of('response.text.done')).toMatchObject([{ text: 'Has sido sacado de la conferencia.' }]);
    expect(client.voice).toHaveLength(0);
  });

  it('gets the transcript alone where it wants what is spoken', async () => {
    const client = await configured({ input_audio_transcription: undefined, translation: { language: 'en' } });
    await client.speaks(humanSpeech('confbridge-removed').samples).finished();
    expect(client.transcript).toBe('You have been removed from the conference.');
    expect(client.frames.filter(({ type }) => type.startsWith('response.'))).toEqual([]);
    expect(client.of('session.updated')).toMatchObject([{ session: { modalities: ['text'] } }]);
  });

  it.each([
    [{ translation: { language: 'fr' } }, 'session.translation.language'],
    [{ input_audio_transcription: { language: 'zh' } }, 'session.input_audio_transcription.language'],
  ])('is told what can be done when it asks for something else: %j', async (session, param) => {
    const client = await configured(session);
    expect(await client.frame('error')).toMatchObject({
      error: {
        type: 'invalid_request_error',
        code: 'invalid_value',
        param,
        message: expect.stringContaining('English (en) to Spanish (es)'),
      },
    });
    await client.says(update()).frame('session.updated');
  });

  it('hears that audio is lost which comes more than 30 s ahead, and is understood after it', async () => {
    const client = (await configured()).speaks(silence(40));
    expect(await client.frame('error')).toMatchObject({ error: { code: 'audio_backlog_full', param: 'audio' } });
    await client.finished();
    expect(client.of('error')).toHaveLength(1);
  });
});

describe('a stage that dies', () => {
  const translators = () => childrenOf(process.pid).filter(({ command }) => command.includes('lt-proc'));

  it('costs no more than its sentence: the translator', async () => {
    const client = await configured();
    client.speaks(humanSpeech('confbridge-removed').samples);
    await client.frame('conversation.item.input_audio_transcription.text');
    const [translator] = translators();
    expect(translator).toBeDefined();
    if (translator) process.kill(translator.pid, 'SIGKILL');
    client.speaks(silence(2));
    await client.frame('response.done');
    client.speaks(humanSpeech('vm-sorry').samples).speaks(silence(2));
    await client.finished();
    const responses = client.of('response.done').map(({ response }) => response as { status: string });
    expect(responses).toHaveLength(2);
    expect(responses[1]?.status).toBe('completed');
    expect(client.translation).toMatch(/Lo siento, no entendí/);
  });

  it('costs no more than its sentence: any program of the translator', async () => {
    const groups = translators().map(({ pid }) => pid);
    const interchunk = processes().find(
      ({ group, name }) => groups.includes(group) && name.startsWith('apertium-inter'),
    );
    expect(interchunk).toBeDefined();
    if (interchunk) process.kill(interchunk.pid, 'SIGKILL');
    await expect.poll(() => translators().length).toBe(0);
    const client = (await configured()).speaks(humanSpeech('confbridge-removed').samples);
    await client.finished();
    expect(client.translation).toBe('Has sido sacado de la conferencia.');
  });

  it('costs no more than its sentence: the voice, and the text stays', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'booth-voice-'));
    const command = join(folder, 'voice');
    // Says the warm-up, dies at the first sentence, and speaks again.
    writeFileSync(
      command,
      `#!/bin/sh
text=$(cat)
count=$(cat ${folder}/count 2>/dev/null || echo 0)
echo $((count + 1)) > ${folder}/count
[ "$count" = 1 ] && kill -KILL $$
printf '%s' "$text" | ${parts.espeak.command} "$@"
`,
    );
    chmodSync(command, 0o755);
    const fragile = await start({ espeak: { ...parts.espeak, command } });
    try {
      const client = (await connect(fragile.url)).says(update());
      client.speaks(humanSpeech('confbridge-removed').samples).speaks(silence(2));
      client.speaks(humanSpeech('vm-sorry').samples);
      await client.finished();
      const responses = client.of('response.done').map(({ response }) => response as { id: string; status: string });
      expect(responses.map(({ status }) => status)).toEqual(['failed', 'completed']);
      expect(client.translation).toMatch(/^Has sido sacado de la conferencia\. Lo siento/);
      expect(client.of('response.audio.delta').every(({ response_id }) => response_id === responses[1]?.id)).toBe(true);
      expect(client.voice.length).toBeGreaterThan(24_000);
    } finally {
      await fragile.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('leaves no process behind when the engine is closed', async () => {
    const pids = () => childrenOf(process.pid).map(({ pid }) => pid);
    const before = pids();
    const other = await start();
    const own = pids().filter((pid) => !before.includes(pid));
    expect(own.length).toBeGreaterThan(0);
    const client = await connect(other.url);
    client.says(update()).speaks(humanSpeech('confbridge-removed').samples);
    await client.frame('input_audio_buffer.speech_started');
    await other.close();
    expect(await client.closed).toBe(1001);
    await expect.poll(() => pids().filter((pid) => own.includes(pid))).toEqual([]);
  });
});

describe('an engine that cannot be', () => {
  it('names what is missing, and the remedy', async () => {
    await expect(
      start({ voskModel: '/nowhere/model', espeak: { command: '/nowhere/espeak-ng', env: {} } }),
    ).rejects.toThrow(
      new EngineError(
        'incomplete',
        'The offline engine is not complete. Missing: its English model: /nowhere/model/am/final.mdl; the voice (espeak-ng): /nowhere/espeak-ng. Set-up fetches its own parts: offline() does by itself, in a clone "npm run setup".',
      ),
    );
  });

  it('names the stage that does not work', async () => {
    const broken = { command: '/bin/false', env: {} };
    await expect(start({ espeak: broken })).rejects.toMatchObject({
      code: 'startFailed',
      message: expect.stringMatching(/^The offline engine cannot start\. The voice /),
    });
  });

  it('says that the port is taken', async () => {
    await expect(start({}, Number(new URL(engine.url).port))).rejects.toMatchObject({ code: 'portInUse' });
  });
});
