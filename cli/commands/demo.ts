import { join } from 'node:path';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { joinRoom } from '../../bot/room/mediasoup-room.ts';
import { speechDir } from '../../scripts/places.mjs';
import { signToken } from '../../server/auth/jwt.ts';
import { systemClock } from '../../time/clock.ts';
import { boothCommand } from '../arguments.ts';
import { CaptionPrinter } from '../caption-printer.ts';
import { demoSentences } from '../demo-sentences.ts';
import { Listener } from '../listener.ts';
import { type LocalBooth, startLocalBooth } from '../local-booth.ts';
import { openQuietLog } from '../log.ts';
import { playRecordedVoice } from '../recorded-voice.ts';
import { signalUrl } from '../room-arguments.ts';
import { readSettings, type Settings } from '../settings.ts';
import { readSpeech } from '../speech.ts';
import { untilStopped } from '../until-stopped.ts';

const ROOM = 'demo';
const LANGUAGE = 'es';
const DAY_SECONDS = 86_400;

export const demo = boothCommand('demo')
  .description(
    'A recorded voice speaks English in a room and is interpreted into Spanish: open the link, hear and read it.',
  )
  .action(async () => {
    const settings = readSettings();
    const log = openQuietLog(settings);
    const sentences = await recordings(settings);
    const booth = await startLocalBooth(settings, { lan: false }, log);
    const stopping = new AbortController();
    const stopped = untilStopped().then(() => stopping.abort());
    const { signal } = stopping;
    console.error(welcome(booth));
    console.log(pageLink(booth));
    console.error('\nWhat the recording says, and what it means (Ctrl-C stops):\n');

    const url = signalUrl(booth.server.url);
    const closeReader = await printCaptions(url, tokenFor(booth, 'terminal', 'Terminal', true), (error) =>
      log.warn({ error }, 'something in the room could not be received'),
    );
    const voice = playRecordedVoice({
      url,
      token: tokenFor(booth, 'recording', 'Recording', false),
      sentences,
      signal,
      onRoundOver: () =>
        console.error(
          '\nYour turn: open the link, join, and speak English. The recording speaks again when you join.\n',
        ),
    });
    try {
      await Promise.race([stopped, voice]);
    } finally {
      stopping.abort();
      closeReader();
      await booth.close();
    }
  });

const welcome = ({ engine }: LocalBooth): string =>
  `\n${engine.label}\n\nA recorded voice is speaking English. Open this and click Join to hear and read it in Spanish:\n`;

/** A page that is set to hear Spanish and to read both. */
function pageLink({ server, development }: LocalBooth): string {
  const fragment = new URLSearchParams({ hear: LANGUAGE, read: `original,${LANGUAGE}` });
  if (!development) fragment.set('invite', server.invite(ROOM, ['publish', 'subscribe', 'host'], DAY_SECONDS));
  return `${server.url}/room/${ROOM}#${decodeURIComponent(fragment.toString())}`;
}

const tokenFor = ({ secret }: LocalBooth, identity: string, name: string, hidden: boolean): string =>
  signToken(secret, { identity, room: ROOM, name, hidden, grants: ['publish', 'subscribe'] }, DAY_SECONDS);

async function recordings({ environment }: Settings): Promise<Int16Array[]> {
  const folder = speechDir(environment);
  return Promise.all(demoSentences.map((name) => readSpeech(join(folder, `${name}.wav`), VOICE_SAMPLE_RATE)));
}

/** Reads along on this terminal. Returns what ends it. */
async function printCaptions(url: string, token: string, onFailed: (error: unknown) => void): Promise<() => void> {
  let listener: Listener | undefined;
  const connection = await joinRoom({
    url,
    token,
    preferences: { speaks: null, hears: 'original', reads: [LANGUAGE, 'original'] },
    clock: systemClock,
    events: { changed: () => listener?.follow(), ended() {} },
  });
  const printer = new CaptionPrinter(console.log);
  listener = new Listener(connection, {
    language: LANGUAGE,
    onMessage: (message) => printer.read(message),
    onFailed,
  });
  return () => connection.close();
}
