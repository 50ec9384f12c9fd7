/**
 * One session from its first sample to its last word: speech goes in at the pace at which it comes, then the silence that
 * lets the service close what was said last, then the end.
 */
import type { OpenSession, SessionEvents, SessionOptions, TranslationError } from '../bot/translation/session.ts';
import { SPEECH_RATE } from './speech.ts';

const CLOSING_SILENCE_SECONDS = 2.5;

export interface TranslateSpeechOptions {
  openSession: OpenSession;
  session: SessionOptions;
  speech: AsyncIterator<Int16Array>;
  events: SessionEvents;
  /** Aborted: what has come so far is enough. */
  enough: AbortSignal;
}

export interface Outcome {
  sentSeconds: number;
  /** Finished texts in the language that was wanted. */
  texts: number;
  /** Why it ended early. */
  error?: TranslationError;
}

export async function translateSpeech(options: TranslateSpeechOptions): Promise<Outcome> {
  const { openSession, session: languages, speech, events, enough } = options;
  const ended = Promise.withResolvers<TranslationError | undefined>();
  let texts = 0;
  const session = openSession(languages, {
    ...events,
    source(text) {
      if (languages.source === languages.target && text.final && text.stable) texts++;
      events.source(text);
    },
    translation(text) {
      if (text.final && text.stable) texts++;
      events.translation(text);
    },
    closed(error) {
      events.closed(error);
      ended.resolve(error);
    },
  });
  const stop = Promise.race([ended.promise, aborted(enough)]).then(() => undefined);
  let samples = 0;
  try {
    for (let piece = await next(speech, stop); piece; piece = await next(speech, stop)) {
      session.send(piece);
      samples += piece.length;
    }
    session.send(new Int16Array(SPEECH_RATE * CLOSING_SILENCE_SECONDS));
    await session.finish();
  } finally {
    session.close();
  }
  const error = await ended.promise;
  return { sentSeconds: samples / SPEECH_RATE, texts, ...(error && { error }) };
}

/** The next piece; undefined at the end, whether of the speech or of the interest in it. */
async function next(speech: AsyncIterator<Int16Array>, stop: Promise<undefined>): Promise<Int16Array | undefined> {
  const piece = await Promise.race([speech.next(), stop]);
  return piece && !piece.done ? piece.value : undefined;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
