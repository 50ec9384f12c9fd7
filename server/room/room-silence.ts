/** Waits until nobody speaks in a room, so that it can move to another server between two sentences. */
import type { AudioLevelObserver, Producer, Router } from 'mediasoup/types';
import { type Clock, sleep } from '../../time/clock.ts';
import { mediaCall } from '../media/resource-registry.ts';

/** Quieter than this is no speech, in dBov. */
const THRESHOLD_DB = -55;
const MEASURED_EVERY_MS = 200;
const LEVEL_URI = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
/** Whoever sends no levels, as a participant without a browser, and more than this, with headers, says something: silence takes less in Opus. */
const SOUND_BYTES_PER_MS = 2.5;
/** It is a pause when nothing has sounded for so long: a speaker's breath is shorter. */
const SILENCE_MS = 1000;
/** A sentence is written when no caption has come for so long, and one since it was said. */
const WRITTEN_MS = 700;
/** What was not speech is never written: then a longer silence is a pause, too. */
const UNWRITTEN_MS = 3000;

export interface SilenceOptions {
  router: Router;
  /** The tracks with sound at this moment, which are listened to: people's and the interpreter's voices. */
  audio(): readonly Producer[];
  /** Undefined: nobody interprets, so that nothing is written. */
  captions:
    | {
        /** Whether an utterance is being written that is not finished. */
        isOpen(): boolean;
        /** Calls `listener` with each caption that comes. @returns unsubscribes it */
        onCaption(listener: (isFinal: boolean) => void): () => void;
      }
    | undefined;
  clock: Clock;
  /** The longest that is waited, in milliseconds. */
  limitMs: number;
}

/** Resolves at the next pause, or when the limit is over. @returns whether there was a pause */
export async function untilSilence({ router, audio, captions, clock, limitMs }: SilenceOptions): Promise<boolean> {
  const startedMs = clock.now();
  let soundedMs = startedMs;
  let [captionMs, finalMs] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const observer = await mediaCall(() =>
    router.createAudioLevelObserver({ threshold: THRESHOLD_DB, interval: MEASURED_EVERY_MS }),
  );
  observer.on('volumes', () => {
    soundedMs = clock.now();
  });
  const unsubscribe = captions?.onCaption((isFinal) => {
    captionMs = clock.now();
    if (isFinal) finalMs = captionMs;
  });
  const isWritten = () => {
    if (!captions) return true;
    if (captions.isOpen() || clock.now() - captionMs < WRITTEN_MS) return false;
    return finalMs > soundedMs || clock.now() - soundedMs >= UNWRITTEN_MS;
  };
  const heard = new Map<string, SentBytes | undefined>();
  /** Tracks may be published while a pause is waited for. */
  const listen = async (): Promise<void> => {
    const unheard = audio().filter(({ id }) => !heard.has(id));
    for (const each of unheard) heard.set(each.id, sendsLevels(each) ? undefined : new SentBytes(each));
    await Promise.allSettled(unheard.map((producer) => listenTo(observer, producer)));
  };
  const hears = async (): Promise<boolean> => {
    const unmeasured = [...heard.values()].filter((bytes) => bytes !== undefined);
    return (await Promise.all(unmeasured.map((bytes) => bytes.areSound(clock.now())))).includes(true);
  };
  const isPause = () => heard.size === 0 || (clock.now() - soundedMs >= SILENCE_MS && isWritten());
  try {
    await listen();
    while (!observer.closed && !isPause() && clock.now() - startedMs < limitMs) {
      await sleep(clock, MEASURED_EVERY_MS);
      await listen();
      if (await hears()) soundedMs = clock.now();
    }
    return isPause();
  } finally {
    unsubscribe?.();
    observer.close();
  }
}

const sendsLevels = ({ rtpParameters }: Producer): boolean =>
  rtpParameters.headerExtensions?.some(({ uri }) => uri === LEVEL_URI) === true;

/** What somebody sends whose packets say nothing of their level. */
class SentBytes {
  readonly #producer: Producer;
  #last: { bytes: number; atMs: number } | undefined;

  constructor(producer: Producer) {
    this.#producer = producer;
  }

  /** Whether they are more, since the last call, than silence takes. */
  async areSound(nowMs: number): Promise<boolean> {
    const streams = await this.#producer.getStats().catch(() => []);
    const bytes = streams.reduce((sum, { byteCount }) => sum + byteCount, 0);
    const before = this.#last;
    this.#last = { bytes, atMs: nowMs };
    return before !== undefined && bytes - before.bytes > SOUND_BYTES_PER_MS * (nowMs - before.atMs);
  }
}

const listenTo = (observer: AudioLevelObserver, { id }: Producer) =>
  mediaCall(() => observer.addProducer({ producerId: id }));
