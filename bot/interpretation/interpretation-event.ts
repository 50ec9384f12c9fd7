/**
 * What one interpretation (one speaker into one language) reports upward: captions, voice, what the service was sent and used, and how it is
 * doing. The utterance assembler, the turn and the interpretation emit this one union; each level passes on what it does not change.
 */
import type { InterpretationState, LanguageCode, StatusReason } from '@mediasoup-booth/protocol';
import type { OutgoingCaption } from '../captions/caption-channel.ts';
import type { RecognizedText } from '../demand/spoken-language-detector.ts';
import type { QueuedUtterance } from '../playout/playout-queue.ts';
import type { TokenUsage } from '../session/translation-session.ts';
import type { SentAudioKind } from '../usage/usage-recorder.ts';

export type InterpretationEvent =
  /** An utterance as it is to be shown from now on, in `language`. Each utterance has exactly one final caption. */
  | { type: 'caption'; language: LanguageCode; caption: OutgoingCaption }
  /** The text that the service has recognised, at the end of each piece of speech. */
  | { type: 'recognized'; recognized: RecognizedText }
  /** More speech of a translated utterance: 24 kHz mono. */
  | { type: 'voice'; utterance: QueuedUtterance; samples: Int16Array }
  /** All speech of the utterance has come. */
  | { type: 'voiceComplete'; utterance: string }
  /** No speech of the utterance follows, although some of it is missing: the rest is read only. */
  | { type: 'voiceCutShort'; utterance: QueuedUtterance }
  /** Audio that the service was sent and will bill, in milliseconds. */
  | { type: 'audioSent'; content: SentAudioKind; ms: number }
  | { type: 'pictureSent' }
  | { type: 'usage'; usage: TokenUsage }
  /** The state that is shown to participants; `message` explains it if necessary, and `reason` says the same as a code. */
  | { type: 'state'; state: InterpretationState; message?: string | undefined; reason?: StatusReason | undefined };

export type EmitInterpretationEvent = (event: InterpretationEvent) => void;

/** Removes the queued audio of an utterance that another session will speak. @returns false where some of it was played already */
export type RetractAudio = (utterance: string) => boolean;
