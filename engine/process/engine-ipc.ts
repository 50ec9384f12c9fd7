/** The messages between the engine's two child processes, one that sets it up and one that runs it, and their parent. */
import type { EngineErrorCode } from '../engine-error.ts';
import type { EngineComponents } from '../offline/engine.ts';

export interface EngineAssignment {
  /** On 127.0.0.1; 0: any free port. */
  port: number;
  /** Clients have to show it. */
  key: string;
  components: EngineComponents;
  threads: number;
  maxSessions: number;
  logLevel: string;
}

export type EngineFailure = { type: 'failed'; code: EngineErrorCode; reason: string };

/** What the engine's process sends. */
export type EngineMessage =
  /** Sent every `ENGINE_ALIVE_EVERY_MS`: the event loop turns. */
  { type: 'alive' } | { type: 'running'; url: string } | EngineFailure;

export const ENGINE_ALIVE_EVERY_MS = 1000;

export interface SetupAssignment {
  /** Where the parts are kept. Absent: `booth` in the user's cache folder. */
  cacheDir?: string;
  /** False: nothing is fetched, only the places of the parts are told. */
  fetches: boolean;
}

/** What the process that sets the engine up sends. */
export type SetupMessage =
  /** `usually` says how long the step takes. */
  | { type: 'step'; step: string; usually: string }
  | { type: 'progress'; step: string; progress: string; seconds: number }
  /** Another set-up is at work in the same folder. */
  | { type: 'waiting' }
  | { type: 'complete'; components: EngineComponents }
  | EngineFailure;
