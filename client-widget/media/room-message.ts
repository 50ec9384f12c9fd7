/**
 * What arrives on a captions channel, made a room message: anything that is not one is dropped. Schemas would weigh more
 * than the rest of the page, so what the page reads is checked by hand.
 */
import type { MAX_ROOM_MESSAGE_BYTES, RoomMessage } from '@mediasoup-booth/protocol';

const LONGEST: typeof MAX_ROOM_MESSAGE_BYTES = 16_384;

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrMissing = (value: unknown) => value === undefined || isText(value);

const bodies: Record<RoomMessage['type'], (fields: Fields) => boolean> = {
  caption: ({ utterance, kind, stable, tentative, final, sourceUtterance, corrected, contentFiltered }) =>
    isText(utterance) &&
    (kind === 'original' || kind === 'translation') &&
    isText(stable) &&
    typeof final === 'boolean' &&
    [tentative, sourceUtterance, corrected].every(isTextOrMissing) &&
    (contentFiltered === undefined || contentFiltered === true),
  playout: ({ utterance, state }) =>
    isText(utterance) && (state === 'started' || state === 'ended' || state === 'skipped'),
  status: ({ state, message }) => isText(state) && isTextOrMissing(message),
};

const isKnown = (type: unknown): type is RoomMessage['type'] => isText(type) && Object.hasOwn(bodies, type);

function isRoomMessage(value: unknown): value is RoomMessage {
  if (!isFields(value) || value.v !== 1 || !isKnown(value.type) || !isText(value.language)) return false;
  const { speaker } = value;
  return isFields(speaker) && isText(speaker.id) && isText(speaker.name) && bodies[value.type](value);
}

/** @param data the message, or its JSON */
export function roomMessage(data: unknown): RoomMessage | undefined {
  try {
    const value: unknown = isText(data) && data.length <= LONGEST ? JSON.parse(data) : data;
    return isRoomMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
