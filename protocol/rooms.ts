/** Rooms and their participants, as every participant sees them. */
import { z } from 'zod';
import { cleanDisplayName } from './display-name.ts';
import { HeardLanguage, LanguageCode, ReadLanguages } from './languages.ts';

/** Names that stand in URLs and file names: 1-64 letters, digits, `.`, `_`, `-`. */
export const RoomName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a room name is 1-64 letters, digits, ".", "_" or "-"');

/** What is cleaned at all: much more than a name, and little enough for anybody to clean. */
const rawName = z.string().max(512).overwrite(cleanDisplayName);
/** A name as others see it; what cannot be seen is taken out, and something has to be left. */
export const DisplayName = rawName.min(1, 'a name has at least one character that can be seen').max(64);
/** The name in a token, which may be of another issuer: empty where nothing of it can be seen. */
export const TokenName = rawName.max(64);

export const TrackSource = z.enum(['microphone', 'camera', 'screen', 'screenAudio', 'channel']);
export type TrackSource = z.infer<typeof TrackSource>;

/**
 * What a participant with the grant `interpret` publishes for others. The server stamps it into `appData.booth`, with
 * the interpreter's own id, and strips it from everyone else: nobody else can pass as an interpreter.
 */
export const BoothRole = z.object({
  role: z.enum(['channel', 'captions']),
  language: LanguageCode,
  interpreter: z.string(),
  /** The id of the speaker whose translation this is, where each speaker has a track. */
  speaker: z.string().optional(),
});
export type BoothRole = z.infer<typeof BoothRole>;

/** The part of a role that a client may claim; the server adds the interpreter. */
export const ClaimedRole = BoothRole.omit({ interpreter: true });
export type ClaimedRole = z.infer<typeof ClaimedRole>;

export const ProducerView = z.object({
  id: z.string(),
  kind: z.enum(['audio', 'video']),
  source: TrackSource,
  paused: z.boolean(),
  booth: BoothRole.optional(),
});
export type ProducerView = z.infer<typeof ProducerView>;

export const DataProducerView = z.object({ id: z.string(), label: z.string(), booth: BoothRole.optional() });
export type DataProducerView = z.infer<typeof DataProducerView>;

/** The settings that participants choose for themselves, with `join` and `participant.update`. */
export const Preferences = z.object({
  /** The language they speak; null: they do not speak, or have not said. */
  speaks: LanguageCode.nullable(),
  hears: HeardLanguage,
  reads: ReadLanguages,
  /** False: no interpreter may consume what they publish. */
  interpret: z.boolean(),
  /** False: no interpreter may look at their camera or screen. */
  pictures: z.boolean(),
});
export type Preferences = z.infer<typeof Preferences>;

export const ParticipantView = Preferences.extend({
  /** The token's `sub`. Joining again with the same one replaces the earlier connection. */
  id: z.string(),
  name: z.string(),
  kind: z.enum(['person', 'interpreter']),
  /** Only listens and reads, and is shown to interpreters and hosts alone. */
  hidden: z.boolean(),
  producers: z.array(ProducerView),
  dataProducers: z.array(DataProducerView),
});
export type ParticipantView = z.infer<typeof ParticipantView>;

/** The translation engine, and where speech is sent: shown to everyone. */
export const EngineView = z.object({
  model: z.string(),
  kind: z.enum(['offline', 'cloud']),
  /** One line for people: "Offline engine · rough translation · nothing leaves this computer". */
  label: z.string(),
});
export type EngineView = z.infer<typeof EngineView>;

/**
 * When interpreters send pictures of shared screens and cameras to the service, to improve the translation. `onChange`: when there is
 * something new to see; `fixed`: every 2 s (every 5 s of a camera).
 */
export const PictureMode = z.enum(['off', 'onChange', 'fixed']);
export type PictureMode = z.infer<typeof PictureMode>;

export const InterpretationView = z.object({
  /** True: choosing a language to hear or read launches an interpreter. */
  onDemand: z.boolean(),
  state: z.enum(['off', 'starting', 'on', 'failed']),
  pictures: PictureMode,
  /**
   * An explanation of `state` for people: why it failed, why one that was there is not at work, or what is missing though it is on, and what
   * happens next.
   */
  message: z.string().optional(),
  /** The place in the queue, from 1, where all computers that interpret have enough to do. */
  queuePlace: z.number().int().positive().optional(),
});
export type InterpretationView = z.infer<typeof InterpretationView>;

export const RoomView = z.object({
  name: RoomName,
  interpretation: InterpretationView,
  engine: EngineView,
  /** How long the server keeps the transcript after the last word; 0: it keeps none. */
  transcriptHours: z.number().nonnegative(),
  /** `off`: a host has switched it off; what was said before may still be kept. `never`: this server keeps no transcripts. */
  transcript: z.enum(['on', 'off', 'never']),
  /** The server's disk takes nothing at present, for example because it is full. */
  transcriptFailing: z.literal(true).optional(),
  /** Whether participants other than hosts and interpreters wait until a host admits them. */
  waitingRoom: z.boolean(),
});
export type RoomView = z.infer<typeof RoomView>;

/** Somebody who waits to be admitted. `hidden`: they would only listen and read, unseen. */
export const WaitingView = ParticipantView.pick({ id: true, name: true, hidden: true });
export type WaitingView = z.infer<typeof WaitingView>;
