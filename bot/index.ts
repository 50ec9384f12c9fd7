/**
 * Interprets the rooms of a mediasoup application in its own process.
 *
 * @example
 * const booth = new Booth({ engine: liveTranslate({ key }) });
 * const room = await booth.interpret(router, { offer: (personId, producer) => consumeFor(personId, producer) });
 * room.person('ann', { speaks: 'en' });
 * room.microphone('ann', producer);
 */
import '../process/require-node.ts';

export type { Logger } from '../logging/logger.ts';
export { BoothError, type BoothErrorCode, type BoothErrorOptions } from './booth-error.ts';
export type { BoothOptions, BudgetOptions, LimitOptions } from './booth-options.ts';
export { type Engine, type LiveTranslateEngineOptions, liveTranslate } from './engine.ts';
export { Booth } from './in-process/booth.ts';
export type {
  BoothStats,
  InterpretedRoom,
  InterpretedRoomStats,
  Offered,
  OfferedConsumer,
  OfferedRole,
  PersonOptions,
  RoomEventMap,
  RoomHost,
} from './in-process/room-options.ts';
export type { InterpretedRoomState, RoomProblem, RoomProblemCode } from './in-process/room-state.ts';
export type { SettingNames } from './session/livetranslate/socket.ts';
export { TranslationError } from './session/translation-session.ts';
