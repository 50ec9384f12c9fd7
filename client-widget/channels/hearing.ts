/** What `<booth-channels>` lets somebody hear: a room that it has joined, or what a page has of one. */
import type { Heard } from '../../protocol/languages.ts';
import type { Hall, HallState } from '../media/playback.ts';
import type { RoomState } from '../media/room-state.ts';
import type { Watched } from '../media/store.ts';

export interface Hearing extends Hall {
  readonly state: Watched<HallState & Pick<RoomState, 'connection' | 'statuses'>>;
  update(preferences: { hears: Heard }): void;
  leave(): void;
}

/** Why nothing comes of the language that is heard; empty: it comes, or will when somebody speaks. */
export function silenceOf({ state, tracks, preferences }: Hearing): string {
  const { connection, statuses } = state.value;
  const { hears } = preferences;
  if (connection.is === 'joining') return 'Connecting …';
  if (connection.is === 'waiting') return 'Waiting to be let in …';
  if (connection.is === 'rejoining') return 'Connection lost. Coming back by itself …';
  if (connection.is === 'ended') return connection.reason.message;
  if (hears === 'original') return '';
  for (const { language, state, message } of statuses.values())
    if (language === hears && message && state !== 'listening') return message;
  return tracks.value.some(({ source }) => source === 'channel') ? '' : 'Waiting for the interpreter …';
}
