/** A headless participant in a process of its own, which a test may attack: tells ten times a second how it fares. */
import './end-with-parent.ts';
import { joinRoom } from '../../bot/room/join-room.ts';
import { systemClock } from '../../time/clock.ts';
import type { Faring, VictimAssignment } from './victim.ts';

process.once('message', async ({ url, token, producerId }: VictimAssignment) => {
  const faring: Faring = { packets: 0, missing: 0, texts: 0, ended: undefined };
  let last: number | undefined;
  const room = await joinRoom({
    url,
    token,
    clock: systemClock,
    events: {
      changed: () => {},
      ended: ({ reason }) => {
        faring.ended = reason;
      },
    },
  });
  await room.receiveAudio(producerId, ({ sequenceNumber }) => {
    faring.packets++;
    if (last !== undefined) faring.missing += (((sequenceNumber - last) << 16) >> 16) - 1;
    last = sequenceNumber;
  });
  const captions = [...room.participants.values()].flatMap(({ dataProducers }) => dataProducers);
  for (const { id } of captions) await room.receiveTexts(id, () => faring.texts++);
  setInterval(() => process.send?.(faring), 100);
});
