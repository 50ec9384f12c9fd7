/** A headless participant in a process of its own who speaks without a pause, and comes back when the connection is lost. Arguments: URL, token. */
import './end-with-parent.ts';
import { VOICE_SAMPLE_RATE } from '../../audio/sample-rates.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { LastingParticipant } from './lasting-participant.ts';
import { say } from './meeting.ts';
import { tone } from './sound.ts';

const [url = '', token = ''] = process.argv.slice(2);
let speaksIn: RoomConnection | undefined;
new LastingParticipant({
  url,
  token,
  changed(room) {
    if (room === speaksIn) return;
    speaksIn = room;
    room
      .publishMicrophone()
      .then((output) => say(output, tone(440, 1000, VOICE_SAMPLE_RATE), { loop: true }))
      .catch(() => {});
  },
});
