/** A source of sounds for `<booth-channels>`: a room that it has joined, or a meeting that the page has. */
import type { HeardLanguage } from '@mediasoup-booth/protocol';
import type { WidgetText } from '../i18n/translate.ts';
import type { ErrorReason } from '../media/error-reason.ts';
import type { AudioScene, AudioSceneState } from '../media/playback.ts';
import type { RoomState } from '../media/room-state.ts';
import { explanationOf } from '../sources/interpretation-notices.ts';
import type { Watched } from '../state/store.ts';

export interface PlaybackSource extends AudioScene {
  readonly state: Watched<AudioSceneState & Pick<RoomState, 'connection' | 'statuses'>>;
  update(preferences: { hears: HeardLanguage }): void;
  leave(): void;
}

const because = (message: WidgetText): ErrorReason => ({ code: message, message });

/**
 * The reason why nothing is heard in the selected language; undefined: it plays, or will when somebody speaks.
 * @param offered whether the language has voices at all
 */
export function silenceReason({ state, tracks, preferences }: PlaybackSource, offered = true): ErrorReason | undefined {
  const { connection, statuses } = state.value;
  const { hears } = preferences;
  if (connection.is === 'joining') return because('Connecting …');
  if (connection.is === 'waiting') return because('Waiting to be let in …');
  if (connection.is === 'joined' && connection.unreachable) return because('A firewall blocks sound.');
  const isLost = connection.is === 'rejoining' || (connection.is === 'joined' && connection.mediaLost);
  if (isLost) return because('Connection lost. Coming back by itself …');
  if (connection.is === 'ended') return connection.reason;
  if (hears === 'original') return undefined;
  for (const status of statuses.values())
    if (status.language === hears && status.message && status.state !== 'listening') return explanationOf(status);
  if (tracks.value.some(({ source }) => source === 'channel')) return undefined;
  return because(offered ? 'Waiting for the interpreter …' : 'There is no voice in this language here.');
}
