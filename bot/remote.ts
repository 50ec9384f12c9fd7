/**
 * Interpreters and other headless participants that join a room over the network, as a person's page does: rooms of any mediasoup server
 * (`runInterpreter`), and of Booth's own (`joinRoom`).
 *
 * @example
 * await runInterpreter({ engine: liveTranslate({ key }), join: (link) => joinMyRoom('hall', link), signal });
 */
import '../process/require-node.ts';

export type { OpusDecoder, OpusEncoder } from '../audio/opus-codec.ts';
export type { Logger } from '../logging/logger.ts';
export type { IceServersLifetime, RenewedIceServers } from '../room-client/media-signalling.ts';
export type { Clock } from '../time/clock.ts';
export { BoothError, type BoothErrorCode, type BoothErrorOptions } from './booth-error.ts';
export type { BudgetOptions, LimitOptions } from './booth-options.ts';
export { type Engine, type LiveTranslateEngineOptions, liveTranslate } from './engine.ts';
export type { RoomProblem, RoomProblemCode } from './in-process/room-state.ts';
export { OpusReceiver } from './incoming/opus-receiver.ts';
export { OpusSender } from './playout/opus-sender.ts';
export { type InterpreterProcess, type ProcessState, superviseInterpreter } from './process/interpreter-supervisor.ts';
export { InterpreterThreads, type InterpreterThreadsOptions, type RoomLaunch } from './process/interpreter-threads.ts';
export { type RunInterpreterOptions, runInterpreter } from './process/run-interpreter.ts';
export { type BoothRoomOptions, boothRoom } from './room/booth-room.ts';
export { JoinError } from './room/join-error.ts';
export { joinRoom } from './room/join-room.ts';
export { joinMovingRoom, type MovingRoomOptions } from './room/moving-room.ts';
export type {
  JoinRoom,
  RemoteCapabilities,
  RemoteConsumer,
  RemoteLink,
  RemotePerson,
  RemoteProducer,
  RemoteRoom,
  RemoteTransportOptions,
  SctpCapabilities,
} from './room/remote-room.ts';
export type { AudioOutput, RoomConnection } from './room/room-connection.ts';
export type { SettingNames } from './session/livetranslate/socket.ts';
export { findFfmpeg } from './vision/key-frame/ffmpeg.ts';
