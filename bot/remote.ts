/**
 * An interpreter, or any other headless participant, that joins a room over the network, as a person's page does.
 *
 * @example
 * const room = await joinRoom({ url, token, clock: systemClock, events: { changed() {}, ended: ({ reason }) => log(reason) } });
 * await room.publishMicrophone();
 */
export { OpusReceiver } from './incoming/opus-receiver.ts';
export { OpusSender } from './playout/opus-sender.ts';
export { type InterpreterProcess, type ProcessState, superviseInterpreter } from './process/interpreter-supervisor.ts';
export { JoinError } from './room/join-error.ts';
export { joinRoom } from './room/join-room.ts';
export type { AudioOutput, RoomConnection } from './room/room-connection.ts';
export { findFfmpeg } from './vision/key-frame/ffmpeg.ts';
