import { join } from 'node:path';
import { joinRoom } from '@mediasoup-booth/interpreter/remote';
import { signalUrl } from '@mediasoup-booth/protocol';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import { speechDir } from '../../scripts/places.mjs';
import { signToken } from '../../server/auth/jwt.ts';
import { RecentProblems } from '../../server/recent-problems.ts';
import { systemClock } from '../../time/clock.ts';
import { boothCommand } from '../arguments.ts';
import { CaptionPrinter } from '../caption-printer.ts';
import { ChannelListener } from '../channel-listener.ts';
import { type LocalBooth, startLocalBooth } from '../local-booth.ts';
import { openQuietLog } from '../log.ts';
import { runRecordedParticipant } from '../recorded-participant.ts';
import { readSettings, type Settings } from '../settings.ts';
import { readSpeech } from '../speech.ts';
import { waitForStopSignal } from '../stop-signal.ts';

const ROOM = 'demo';
const LANGUAGE = 'es';
const DAY_SECONDS = 86_400;
/**
 * The recordings that the demonstration plays, by their names in the speech folder. The offline engine translates statements of
 * this length well.
 */
const RECORDINGS = [
  'conf-now-recording',
  'conf-extended',
  'feature-not-avail-line',
  'confbridge-only-participant',
  'all-circuits-busy-now',
  'number-not-answering',
  'vm-sorry',
];

export const demo = boothCommand('demo')
  .description(
    'A recorded voice speaks English in a room and is interpreted into Spanish: open the link, hear and read it.',
  )
  .action(async () => {
    const settings = readSettings();
    const problems = new RecentProblems();
    const log = openQuietLog(settings, problems.hooks);
    const sentences = await readRecordings(settings);
    const booth = await startLocalBooth(settings, { lan: false, problems }, log);
    const stopping = new AbortController();
    const stopped = waitForStopSignal().then(() => stopping.abort());
    const { signal } = stopping;
    console.error(welcome(booth));
    // The link plays the Spanish channel and shows captions in both languages.
    console.log(booth.signInLink(ROOM, { hear: LANGUAGE, read: `original,${LANGUAGE}` }));
    console.error('\nWhat the recording says, and what it means (Ctrl-C stops):\n');

    const url = signalUrl(booth.server.localUrl);
    const closeReader = await printCaptions(url, tokenFor(booth, 'terminal', 'Terminal', true), (error) =>
      log.warn({ error }, 'something in the room could not be received'),
    );
    const participant = runRecordedParticipant({
      url,
      token: tokenFor(booth, 'recording', 'Recording', false),
      sentences,
      signal,
      onFirstRoundOver: () =>
        console.error(
          '\nYour turn: open the link, join, and speak English. The recording speaks again when you join.\n',
        ),
    });
    try {
      await Promise.race([stopped, participant]);
    } finally {
      stopping.abort();
      closeReader();
      await booth.close();
    }
  });

const welcome = ({ engine, budgetSentence }: LocalBooth): string =>
  `\n${engine.label}\n${budgetSentence ? `\n${budgetSentence}\n` : ''}\nA recorded voice is speaking English. Open this and click Join to hear and read it in Spanish:\n`;

const tokenFor = ({ secret }: LocalBooth, identity: string, name: string, hidden: boolean): string =>
  signToken(
    secret,
    { identity, room: ROOM, name, hidden, grants: hidden ? ['captions'] : ['publish', 'subscribe'] },
    DAY_SECONDS,
  );

async function readRecordings({ environment }: Settings): Promise<Int16Array[]> {
  const folder = speechDir(environment);
  return Promise.all(RECORDINGS.map((name) => readSpeech(join(folder, `${name}.wav`), VOICE_SAMPLE_RATE)));
}

/** Prints the captions on this terminal. Returns a function that stops it. */
async function printCaptions(url: string, token: string, onFailed: (error: unknown) => void): Promise<() => void> {
  let listener: ChannelListener | undefined;
  const connection = await joinRoom({
    url,
    token,
    preferences: { speaks: null, hears: 'original', reads: [LANGUAGE, 'original'] },
    clock: systemClock,
    events: { changed: () => listener?.reconcile(), ended() {} },
  });
  const printer = new CaptionPrinter(console.log);
  listener = new ChannelListener(connection, {
    language: LANGUAGE,
    onMessage: (message) => printer.push(message),
    onFailed,
  });
  return () => connection.close();
}
