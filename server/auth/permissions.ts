/** Permissions: decides from grants and preferences who may publish and receive what. Pure. Every `require…` throws an `ApiError` that says why. */
import {
  ApiError,
  type BoothRole,
  CAPTIONS_LABEL,
  type ClaimedRole,
  type Grant,
  holds,
  type ParticipantView,
  type Preferences,
  type ReceiveGrant,
  type TrackSource,
} from '@mediasoup-booth/protocol';

export interface Holder extends Pick<ParticipantView, 'id' | 'kind' | 'hidden'> {
  /** Reads captions over HTTP. */
  reader?: boolean;
  grants: readonly Grant[];
}

const kindOf: Record<TrackSource, 'audio' | 'video'> = {
  microphone: 'audio',
  camera: 'video',
  screen: 'video',
  screenAudio: 'audio',
  channel: 'audio',
};

/** The role to stamp on a track; undefined: a person's own. */
export function trackRole(
  holder: Holder,
  track: { kind: 'audio' | 'video'; source: TrackSource; booth?: ClaimedRole | undefined },
): BoothRole | undefined {
  if (holder.hidden) throw new ApiError('forbidden', 'a hidden participant cannot publish');
  if (track.kind !== kindOf[track.source])
    throw new ApiError('invalid', `the source "${track.source}" is ${kindOf[track.source]}, not ${track.kind}`);
  if (holder.kind === 'interpreter') {
    if (track.source === 'channel' && track.booth?.role === 'channel') return stamped(holder, track.booth);
    throw new ApiError('forbidden', 'an interpreter publishes channels alone: source and booth.role must be "channel"');
  }
  if (!holder.grants.includes('publish')) throw new ApiError('forbidden', 'publishing needs the grant "publish"');
  if (track.source === 'channel') throw new ApiError('forbidden', 'publishing a channel needs the grant "interpret"');
  return undefined;
}

/** The role to stamp on a data channel: only interpreters have them. */
export function dataRole(holder: Holder, data: { label: string; booth?: ClaimedRole | undefined }): BoothRole {
  if (holder.hidden) throw new ApiError('forbidden', 'a hidden participant cannot publish');
  if (holder.kind !== 'interpreter')
    throw new ApiError('forbidden', 'publishing data channels needs the grant "interpret"');
  if (data.booth?.role !== 'captions' || data.label !== CAPTIONS_LABEL)
    throw new ApiError('forbidden', `an interpreter's data channels have the role and the label "${CAPTIONS_LABEL}"`);
  return stamped(holder, data.booth);
}

/** The grant that receiving a track needs. */
export const receiveGrantOf: Readonly<Record<TrackSource, ReceiveGrant>> = {
  microphone: 'originals',
  screenAudio: 'originals',
  camera: 'cameras',
  screen: 'cameras',
  channel: 'channels',
};

export function requireReceive({ grants }: Pick<Holder, 'grants'>, grant: ReceiveGrant): void {
  if (!holds(grants, grant))
    throw new ApiError('forbidden', `receiving this needs the grant "${grant}" (or "subscribe", which is all of them)`);
}

/**
 * What counts of a person's preferences: the languages that they hear and read only where they may receive them. Languages that nobody
 * can receive are not worth an interpreter.
 */
export function permittedPreferences(preferences: Preferences, { grants }: Pick<Holder, 'grants'>): Preferences {
  return {
    ...preferences,
    hears: holds(grants, 'channels') ? preferences.hears : 'original',
    reads: holds(grants, 'captions') ? preferences.reads : [],
  };
}

/** Whether somebody can publish nothing: they may receive from a router on which nothing is produced. */
export const onlyListens = ({ hidden, kind, grants }: Pick<Holder, 'hidden' | 'kind' | 'grants'>): boolean =>
  kind !== 'interpreter' && (hidden || !grants.includes('publish'));

export function requireInterpret(holder: Holder): void {
  if (!holder.grants.includes('interpret'))
    throw new ApiError('forbidden', 'this is for interpreters: it needs the grant "interpret"');
}

export const isHost = ({ grants }: Pick<Holder, 'grants'>): boolean => grants.includes('host');

export function requireHost(holder: Holder): void {
  if (!isHost(holder)) throw new ApiError('forbidden', 'letting in, muting and removing others needs the grant "host"');
}

/** Whether somebody joins without being admitted; everyone else waits, hidden participants too. */
export const bypassesWaitingRoom = (grants: Holder['grants']): boolean =>
  grants.some((grant) => grant === 'host' || grant === 'admin' || grant === 'interpret');

/** A host may mute a person's sound, and never a picture. */
export function requireMutable({ kind }: Pick<Holder, 'kind'>, track: 'audio' | 'video'): void {
  if (kind === 'interpreter') throw new ApiError('forbidden', interpretersStay);
  if (track === 'video') throw new ApiError('invalid', 'only sound can be muted, not a picture');
}

export function requireRemovable(host: Pick<Holder, 'id'>, { id, kind }: Pick<Holder, 'id' | 'kind'>): void {
  if (kind === 'interpreter') throw new ApiError('forbidden', interpretersStay);
  if (id === host.id) throw new ApiError('invalid', 'you cannot remove yourself: leave instead');
}

const interpretersStay = 'an interpreter is sent away by DELETE /v1/rooms/{room}/interpreters/{id}';

/** Whether `listener` is an interpreter whom the speaker's preferences keep from this kind of track. */
export const withholds = (
  speaker: Pick<Preferences, 'interpret' | 'pictures'>,
  kind: 'audio' | 'video',
  listener: Pick<Holder, 'kind'>,
): boolean => listener.kind === 'interpreter' && !(speaker.interpret && (kind === 'audio' || speaker.pictures));

/** @param speaker the owner of the track that `listener` wants to consume */
export function requireConsent(
  speaker: { id: string; preferences: Pick<Preferences, 'interpret' | 'pictures'> },
  kind: 'audio' | 'video',
  listener: Pick<Holder, 'kind'>,
): void {
  if (withholds(speaker.preferences, kind, listener))
    throw new ApiError(
      'interpretationRefused',
      `${speaker.id} does not want to be interpreted, or seen by an interpreter`,
    );
}

/** A hidden participant is shown to interpreters and hosts, a caption reader over HTTP to interpreters alone. */
export const sees = (viewer: Pick<Holder, 'kind' | 'grants'>, seen: Pick<Holder, 'hidden' | 'reader'>): boolean =>
  viewer.kind === 'interpreter' || !(seen.hidden || seen.reader) || (isHost(viewer) && !seen.reader);

const stamped = (holder: Holder, claimed: ClaimedRole): BoothRole => ({ ...claimed, interpreter: holder.id });
