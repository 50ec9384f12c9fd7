/**
 * Translates one stretch of speech in one session: sends the speech at the pace at which it comes, then the silence in which the
 * service finishes the last utterance, and ends the session.
 */

import {
  type OpenSession,
  type SessionEvents,
  type SessionOptions,
  sumUsage,
  type TokenUsage,
  type TranslationError,
  type TranslationSession,
} from '@mediasoup-booth/interpreter/livetranslate';
import { SPEECH_SAMPLE_RATE, VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';

const CLOSING_SILENCE_SECONDS = 2.5;
/** A model attends little to a picture of long ago; sending one costs as much as a minute of speech. */
const RESEND_PICTURE_AFTER_SECONDS = 60;

export interface TranslateSpeechOptions {
  openSession: OpenSession;
  sessionOptions: SessionOptions;
  speech: AsyncIterator<Int16Array>;
  events: SessionEvents;
  /** A JPEG, sent with the first speech and again after each minute of it. */
  picture?: Uint8Array;
  /** Ends the speech when it aborts; the translation of what was sent until then still comes. */
  signal: AbortSignal;
}

export interface SpeechOutcome {
  sentSeconds: number;
  /** Seconds of translated speech that were received. */
  receivedSeconds: number;
  usage: TokenUsage;
  /** How often the picture was sent. */
  picturesSent: number;
  /** How many final texts there were in the target language. */
  finalTexts: number;
  /** Why the session ended early. */
  error?: TranslationError;
}

export async function translateSpeech(options: TranslateSpeechOptions): Promise<SpeechOutcome> {
  const { openSession, sessionOptions, speech, events, picture, signal } = options;
  const ended = Promise.withResolvers<TranslationError | undefined>();
  let finalTexts = 0;
  let receivedSamples = 0;
  let isReady = false;
  const usages: TokenUsage[] = [];
  const session = openSession(sessionOptions, {
    ...events,
    ready(agreed) {
      isReady = true;
      events.ready(agreed);
    },
    source(text) {
      if (sessionOptions.source === sessionOptions.target && text.final && text.confirmed) finalTexts++;
      events.source(text);
    },
    translation(text) {
      if (text.final && text.confirmed) finalTexts++;
      events.translation(text);
    },
    audio(segment, voice) {
      receivedSamples += voice.length;
      events.audio(segment, voice);
    },
    usage(usage) {
      usages.push(usage);
      events.usage(usage);
    },
    closed(error) {
      events.closed(error);
      ended.resolve(error);
    },
  });
  const stop = Promise.race([ended.promise, aborted(signal)]).then(() => undefined);
  const pictureSender = new PictureSender(session, picture);
  let samples = 0;
  try {
    for (let piece = await next(speech, stop); piece; piece = await next(speech, stop)) {
      session.send(piece);
      samples += piece.length;
      if (isReady) pictureSender.send(samples / SPEECH_SAMPLE_RATE);
    }
    session.send(new Int16Array(SPEECH_SAMPLE_RATE * CLOSING_SILENCE_SECONDS));
    await session.finish();
  } finally {
    session.close();
  }
  const error = await ended.promise;
  return {
    sentSeconds: samples / SPEECH_SAMPLE_RATE,
    receivedSeconds: receivedSamples / VOICE_SAMPLE_RATE,
    usage: sumUsage(usages),
    picturesSent: pictureSender.sent,
    finalTexts,
    ...(error && { error }),
  };
}

/** Sends the picture with the first speech, and again after each minute of it. */
class PictureSender {
  readonly #session: TranslationSession;
  readonly #picture: Uint8Array | undefined;
  #nextAtSeconds = 0;
  sent = 0;

  constructor(session: TranslationSession, picture: Uint8Array | undefined) {
    this.#session = session;
    this.#picture = picture;
  }

  /** Sends the picture if it is due. If the session cannot send it now because of its backlog, the next piece of speech tries again. */
  send(sentSeconds: number): void {
    if (!this.#picture || sentSeconds < this.#nextAtSeconds || !this.#session.sendImage(this.#picture)) return;
    this.#nextAtSeconds = sentSeconds + RESEND_PICTURE_AFTER_SECONDS;
    this.sent++;
  }
}

/** The next piece of speech; undefined where the speech has ended or `stop` has resolved. */
async function next(speech: AsyncIterator<Int16Array>, stop: Promise<undefined>): Promise<Int16Array | undefined> {
  const piece = await Promise.race([speech.next(), stop]);
  return piece && !piece.done ? piece.value : undefined;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
