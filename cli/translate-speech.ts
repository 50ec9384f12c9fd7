/**
 * One session from its first sample to its last word: speech goes in at the pace at which it comes, then the silence that
 * lets the service close what was said last, then the end.
 */
import { sumUsage } from '../bot/session/livetranslate/usage-meter.ts';
import type {
  OpenSession,
  SessionEvents,
  SessionOptions,
  TokenUsage,
  TranslationError,
  TranslationSession,
} from '../bot/session/translation-session.ts';
import { SPEECH_RATE } from './speech.ts';
import { OUTPUT_RATE } from './subtitles.ts';

const CLOSING_SILENCE_SECONDS = 2.5;
/** The model forgets, and a picture costs as much as a minute of speech. */
const SHOW_AGAIN_AFTER_SECONDS = 60;

export interface TranslateSpeechOptions {
  openSession: OpenSession;
  session: SessionOptions;
  speech: AsyncIterator<Int16Array>;
  events: SessionEvents;
  /** A JPEG: shown with the first speech, and again after each minute of it. */
  picture?: Uint8Array;
  /** Aborted: what has come so far is enough. */
  enough: AbortSignal;
}

export interface Outcome {
  sentSeconds: number;
  /** Of the voice that came back. */
  spokenSeconds: number;
  usage: TokenUsage;
  /** How often the picture went out. */
  shown: number;
  /** Finished texts in the language that was wanted. */
  texts: number;
  /** Why it ended early. */
  error?: TranslationError;
}

export async function translateSpeech(options: TranslateSpeechOptions): Promise<Outcome> {
  const { openSession, session: languages, speech, events, picture, enough } = options;
  const ended = Promise.withResolvers<TranslationError | undefined>();
  let texts = 0;
  let spokenSamples = 0;
  let ready = false;
  const usages: TokenUsage[] = [];
  const session = openSession(languages, {
    ...events,
    ready(agreed) {
      ready = true;
      events.ready(agreed);
    },
    source(text) {
      if (languages.source === languages.target && text.final && text.stable) texts++;
      events.source(text);
    },
    translation(text) {
      if (text.final && text.stable) texts++;
      events.translation(text);
    },
    audio(segment, voice) {
      spokenSamples += voice.length;
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
  const stop = Promise.race([ended.promise, aborted(enough)]).then(() => undefined);
  const slide = new Slide(session, picture);
  let samples = 0;
  try {
    for (let piece = await next(speech, stop); piece; piece = await next(speech, stop)) {
      session.send(piece);
      samples += piece.length;
      if (ready) slide.show(samples / SPEECH_RATE);
    }
    session.send(new Int16Array(SPEECH_RATE * CLOSING_SILENCE_SECONDS));
    await session.finish();
  } finally {
    session.close();
  }
  const error = await ended.promise;
  return {
    sentSeconds: samples / SPEECH_RATE,
    spokenSeconds: spokenSamples / OUTPUT_RATE,
    usage: sumUsage(usages),
    shown: slide.shown,
    texts,
    ...(error && { error }),
  };
}

/** The picture that lies beside the speech. */
class Slide {
  readonly #session: TranslationSession;
  readonly #picture: Uint8Array | undefined;
  #nextAtSeconds = 0;
  shown = 0;

  constructor(session: TranslationSession, picture: Uint8Array | undefined) {
    this.#session = session;
    this.#picture = picture;
  }

  /** Where it does not go out, for the network or the speech that is still to come, the next piece tries again. */
  show(saidSeconds: number): void {
    if (!this.#picture || saidSeconds < this.#nextAtSeconds || !this.#session.sendImage(this.#picture)) return;
    this.#nextAtSeconds = saidSeconds + SHOW_AGAIN_AFTER_SECONDS;
    this.shown++;
  }
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
