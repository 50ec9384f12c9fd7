/** How interpretation is doing in a room, as the host's developers and people are told. */
import type { LanguageCode } from '@mediasoup-booth/protocol';

/**
 * - `nobodySpeaks`: somebody hears or reads a language, and nobody has said which language they speak.
 * - `noDelivery`: somebody hears or reads a language, and the room's host has no method by which to hand it over.
 * - `noMicrophone`: no microphone was given of those who have said what they speak.
 * - `notDescribed`: something was given of a person of whom nothing else was told.
 * - `speaksUnknown`: a person has a microphone, and their language was not given.
 * - `notUnderstood`: the engine does not understand the language that a person speaks.
 * - `notOpus`: a microphone sends another codec than Opus.
 * - `notReceived`: a microphone could not be received, or not be looked at; it is tried again.
 * - `undecodable`: what a microphone sends is no sound, as with end-to-end encryption.
 * - `notDelivered`: `offer` failed for a person.
 * - `restarting`: the interpreter's thread has ended, and starts again.
 * - `engine`: the engine was tried before anybody speaks, and cannot be used: it refuses the key, or does not answer. It is tried again.
 * - `budget`: most or all of the budget is used.
 * - `waiting`, `reconnecting`, `overBudget`, `unavailable`: the engine, as to one speaker in one language.
 */
export type RoomProblemCode =
  | 'nobodySpeaks'
  | 'noDelivery'
  | 'noMicrophone'
  | 'notDescribed'
  | 'speaksUnknown'
  | 'notUnderstood'
  | 'notOpus'
  | 'notReceived'
  | 'undecodable'
  | 'notDelivered'
  | 'restarting'
  | 'engine'
  | 'budget'
  | 'waiting'
  | 'reconnecting'
  | 'overBudget'
  | 'unavailable';

export interface RoomProblem {
  readonly code: RoomProblemCode;
  /** What is wrong and what to do, in sentences. */
  readonly message: string;
  /** The id of the person whom it concerns; absent: everybody. */
  readonly person?: string;
  readonly language?: LanguageCode;
}

export interface InterpretedRoomState {
  /** `starting`: the interpreter's thread starts, for the first time or again. `on`: it works. `closed`: the room was closed. */
  readonly state: 'starting' | 'on' | 'closed';
  /** What keeps somebody from being interpreted as they should be; empty: nothing. Most end by themselves. */
  readonly problems: readonly RoomProblem[];
}
