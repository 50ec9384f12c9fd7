/** The lines of a transcript's file: one JSON text each. */

import { CaptionMessage, PlayoutMessage, type RoomMessage } from '@mediasoup-booth/protocol';
import { z } from 'zod';

/** A room was opened; its messages follow. A file has several where the room was lost and opened again. Times are since 1970. */
const StoredPart = z.object({
  v: z.literal(1),
  room: z.string(),
  /** The moment from which the transcript counts. */
  began: z.number(),
  /** The moment from which the messages count. */
  zero: z.number(),
});
const SpokenLine = z.object({
  from: z.string(),
  message: z.discriminatedUnion('type', [CaptionMessage, PlayoutMessage]),
});
const Ended = z.object({ ended: z.number() });

export type StoredPart = z.infer<typeof StoredPart>;
/** A message, and its interpreter: utterance ids are unique for one interpreter alone. */
export type SpokenLine = z.infer<typeof SpokenLine>;
export type TranscriptLine = StoredPart | SpokenLine | z.infer<typeof Ended>;

const AnyLine = z.union([SpokenLine, StoredPart, Ended]);

/** The line in a text; undefined: it is incomplete, or was not written by Booth. */
export function parseLine(text: string): TranscriptLine | undefined {
  try {
    return AnyLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Whether a transcript needs the message: final captions with text, and playout. */
export function isRecorded(message: RoomMessage): message is SpokenLine['message'] {
  if (message.type === 'caption')
    return (
      message.final && (message.stable !== '' || message.corrected !== undefined || message.contentFiltered === true)
    );
  return message.type === 'playout';
}

/** Whether the end of a file says that the meeting is over. */
export const endsMeeting = (tail: string): boolean => /\n\{"ended":\d+\}\n$/.test(tail);
/** How many bytes of a file's end {@link endsMeeting} needs. */
export const TAIL_BYTES = 64;
