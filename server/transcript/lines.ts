/** What stands in a transcript's file, one JSON text a line. */
import { z } from 'zod';
import { CaptionMessage, PlayoutMessage, type RoomMessage } from '../../protocol/room-messages.ts';

/** A room began, whose messages follow; more than one in a file: the room was lost and began again. Times are since 1970. */
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
/** A message, and the interpreter it is from: their utterances have names of their own. */
export type SpokenLine = z.infer<typeof SpokenLine>;
export type TranscriptLine = StoredPart | SpokenLine | z.infer<typeof Ended>;

const AnyLine = z.union([SpokenLine, StoredPart, Ended]);

/** Undefined: it is torn, or nothing of ours. */
export function parseLine(text: string): TranscriptLine | undefined {
  try {
    return AnyLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What a transcript is made of: finals that say something, and whose translation sounded when. */
export function isRecorded(message: RoomMessage): message is SpokenLine['message'] {
  if (message.type === 'caption')
    return (
      message.final && (message.stable !== '' || message.corrected !== undefined || message.contentFiltered === true)
    );
  return message.type === 'playout';
}

/** Whether a file that ends like this is of a meeting that is over. */
export const endsMeeting = (tail: string): boolean => /\n\{"ended":\d+\}\n$/.test(tail);
/** How much of a file's end that takes, in bytes. */
export const TAIL_BYTES = 64;
