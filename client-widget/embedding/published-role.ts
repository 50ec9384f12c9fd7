/**
 * Finds out what something is that a page received: the voice of a language, or its captions, by `appData.booth`, by what the page says of
 * it, or by the label of a data channel. Pure.
 */
import type { CAPTIONS_LABEL, LanguageCode } from '@mediasoup-booth/protocol';
import type { WarningCode } from './developer-warnings.ts';

const LABEL: typeof CAPTIONS_LABEL = 'captions';

/** What `appData.booth` of an interpreter's producer says. */
export interface PublishedRole {
  role: 'channel' | 'captions';
  /** Captions need none: each message names its own. */
  language?: LanguageCode;
  /** The id of the speaker, where each has a channel of their own. */
  speaker?: string;
}

/** A mediasoup-client `Consumer`, or what can pass for one. */
export interface ConsumerLike {
  readonly id?: string;
  readonly kind?: string;
  readonly track: MediaStreamTrack;
  readonly closed?: boolean;
  readonly appData?: object | undefined;
  readonly rtpReceiver?: RTCRtpReceiver | undefined;
  readonly observer?: CloseObserver;
}

/** The part of an observer of mediasoup-client that tells the end. */
export interface CloseObserver {
  once(event: 'close', listener: () => void): unknown;
}

export type Published =
  | { is: 'channel'; language: LanguageCode; speaker: string | undefined }
  | { is: 'captions' }
  /** Nothing says that it is an interpreter's: that is so of most of what a page receives. */
  | { is: 'unmarked'; message: string }
  | { is: 'unknown'; code: WarningCode; message: string };

interface Received {
  kind?: unknown;
  track?: unknown;
  label?: unknown;
  closed?: unknown;
  readyState?: unknown;
  appData?: unknown;
}

/** @param claimed what the page says that it is; takes precedence over its `appData` */
export function publishedRole(of: object, claimed?: PublishedRole): Published {
  const received: Received = of;
  const isMedia = Boolean(received.track);
  const name = isMedia ? 'consumer' : 'data consumer';
  if (received.closed === true || received.readyState === 'closed')
    return unknown('closedConsumer', `the ${name} is closed already: hand it to add() when it has just come.`);
  const said = claimed ?? roleIn(received.appData) ?? roleByLabel(received);
  const { role, language, speaker } = said ?? {};
  if (role === 'captions' && !isMedia) return { is: 'captions' };
  if (role === 'channel' && isMedia) {
    if (received.kind === 'video')
      return unknown(
        'wrongKind',
        'a consumer of video was given: a channel is audio; add() takes no camera and no screen.',
      );
    if (typeof language === 'string' && language !== '')
      return { is: 'channel', language, speaker: typeof speaker === 'string' ? speaker : undefined };
  }
  if (role === 'channel' || role === 'captions')
    return isMedia
      ? unknown('noRole', "a channel has no language: add(consumer, { role: 'channel', language: 'es' }).")
      : unknown('wrongKind', "a data consumer carries captions: add(dataConsumer, { role: 'captions' }).");
  const message =
    `the ${name} has no appData.booth, so that add() leaves it alone. If it is the interpreter's, pass the producer's appData on when you ` +
    `consume it, or say what it is: add(${isMedia ? "consumer, { role: 'channel', language: 'es' }" : "dataConsumer, { role: 'captions' }"}).`;
  return said ? unknown('noRole', message) : { is: 'unmarked', message };
}

/** The role in the `appData` of what an interpreter has published; undefined: somebody else has, or it was not passed on. */
function roleIn(appData: unknown): Partial<PublishedRole> | undefined {
  const { booth } = Object(appData) as { booth?: unknown };
  return booth ? (Object(booth) as Partial<PublishedRole>) : undefined;
}

const roleByLabel = ({ track, label }: Received): Partial<PublishedRole> | undefined =>
  !track && label === LABEL ? { role: 'captions' } : undefined;

const unknown = (code: WarningCode, message: string): Published => ({ is: 'unknown', code, message });
