/** The messages between the host's thread and the interpreter's. Nothing checks them: both ends are of one program. */
import type {
  AccountUsage,
  BudgetNotice,
  InterpreterStats,
  LanguageCode,
  LanguageSettings,
  ParticipantView,
  PictureMode,
  RoomUsage,
} from '@mediasoup-booth/protocol';
import type { ConnectionLimits } from '../../account/connection-scheduler.ts';
import type { AccountBudget } from '../../account/usage-accounting.ts';
import type { StoredUsage } from '../../account/usage-ledger.ts';
import type { PlayoutSettings } from '../publications.ts';
import type { SettingNames } from '../session/livetranslate/socket.ts';
import type { LogLevel } from './log.ts';
import type { StreamFormat } from './rtp-demultiplexer.ts';

/** Who the interpreter is among the participants. */
export const INTERPRETER_ID = 'booth-interpreter';
/** Where the media worker and the interpreter's thread meet. */
export const LOOPBACK = '127.0.0.1';

/** What a thread is started with. */
export interface ThreadSetup {
  engine: { url: string; model: string; key?: string; settingNames?: SettingNames };
  limits: ConnectionLimits;
  budget: AccountBudget;
  logLevels: readonly LogLevel[];
  /** What was used before this thread: by the one before it. */
  earlier: EarlierUse;
}

export interface EarlierUse {
  usage: StoredUsage;
  /** When connections to the service were made lately: milliseconds since 1970, oldest first. */
  connections: readonly number[];
}

export interface RoomSetup {
  name: string;
  languages: 'auto' | readonly LanguageCode[];
  languageSettings: Readonly<Record<LanguageCode, LanguageSettings>>;
  playout: PlayoutSettings;
  pictures: PictureMode;
  sessionIdleTimeoutMs: number;
  maxSessions: number;
  /** Milliseconds since the room was opened. */
  elapsedMs: number;
}

/**
 * What the interpreter asks of a room, and each question's answer. Transports, streams and outputs are numbers that the thread has chosen;
 * what is received and the channels belong to a transport.
 */
export interface MediaRequests {
  /** Opens a transport to a port of the thread's; the answer is the transport's own. */
  openTransport: { ask: { transport: number; port: number }; answer: number };
  receiveAudio: { ask: { transport: number; stream: number; producerId: string }; answer: ReceivedFormat };
  receiveVideo: { ask: { transport: number; stream: number; producerId: string }; answer: ReceivedFormat };
  resume: { ask: { stream: number }; answer: undefined };
  pause: { ask: { stream: number }; answer: undefined };
  prefer: { ask: { stream: number; spatialLayer: number }; answer: undefined };
  sentBytes: { ask: { producerId: string }; answer: number };
  /** The answer is the payload type of the channel's packets. */
  publishChannel: {
    ask: { transport: number; output: number; ssrc: number; language: LanguageCode; speaker?: string };
    answer: number;
  };
  publishCaptions: { ask: { output: number; language: LanguageCode; label: string }; answer: undefined };
}
export type MediaRequest = keyof MediaRequests;

export interface ReceivedFormat extends StreamFormat {
  mimeType: string;
  spatialLayers: number;
}

/** From the host. */
export type HostMessage =
  | { type: 'open'; room: number; setup: RoomSetup }
  | { type: 'participants'; room: number; participants: ParticipantView[] }
  | { type: 'close'; room: number }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'failure'; id: number; reason: string }
  /** A transport, a stream or an output has ended by itself. */
  | { type: 'lost'; id: number };

export type AskMessage = {
  [R in MediaRequest]: { type: 'ask'; id: number; room: number; request: R; ask: MediaRequests[R]['ask'] };
}[MediaRequest];

/** From the interpreter's thread. */
export type InterpreterThreadMessage =
  /** The code is loaded. */
  | { type: 'running' }
  /** Sent every `ALIVE_EVERY_MS`: the event loop turns. */
  | { type: 'alive' }
  | { type: 'log'; level: LogLevel; fields: object; message: string }
  | AskMessage
  /** A transport, stream or output is no longer wanted. */
  | { type: 'end'; room: number; id: number }
  | { type: 'requestKeyFrame'; room: number; stream: number }
  | { type: 'text'; room: number; output: number; text: string }
  | { type: 'suggestion'; room: number; person: string; speaks: LanguageCode }
  | { type: 'tooQuiet'; room: number; person: string; isTooQuiet: boolean }
  | { type: 'stats'; room: number; stats: InterpreterStats }
  | { type: 'usage'; room: number; usage: RoomUsage; account: AccountUsage }
  | { type: 'budget'; notice: BudgetNotice | undefined }
  /** The engine was tried, and this is why it cannot be used; undefined: it can. */
  | { type: 'engine'; problem: string | undefined }
  | { type: 'used'; earlier: Partial<EarlierUse> }
  /** The room's interpreter is closed, and its last usage was counted. */
  | { type: 'closed'; room: number };

export const THREAD_ALIVE_EVERY_MS = 1000;
