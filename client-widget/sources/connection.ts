/** The state of a room's connection as the widgets show and publish it. */

import type { ConnectionState } from '../media/room-state.ts';
import type { WidgetConnection } from './caption-source.ts';

const mediaLost = { code: 'mediaLost', message: 'Sound does not get through. New paths for it are being tried.' };

const unreachable = {
  code: 'mediaUnreachable',
  message: 'A firewall blocks sound.',
};

export function connectionOf(connection: ConnectionState): WidgetConnection {
  if (connection.is === 'joining') return { is: 'connecting' };
  if (connection.is === 'joined')
    return connection.mediaLost
      ? { is: 'lost', ...(connection.unreachable ? unreachable : mediaLost), delayMs: 0 }
      : { is: 'live' };
  if (connection.is === 'waiting') return { is: 'waiting', message: 'Waiting to be let in …', code: '' };
  const { reason } = connection;
  if (connection.is === 'rejoining') return { is: 'lost', ...reason, delayMs: connection.delayMs };
  return { is: 'ended', ...reason };
}
