/** What people are told of an interpretation's state. What only an operator understands stays with the room's host. Pure. */
import type { RoomMessage, StatusReason } from '@mediasoup-booth/protocol';

/** In the place of messages that name hosts, keys and settings. */
const plainMessages: Partial<Record<StatusReason, string>> = {
  serviceRefused: 'Interpretation is not available at present. It is tried again by itself.',
  serviceFailed: 'The interpreter has lost its connection. It is tried again by itself.',
  connectionLimit: 'The interpreter waits for a connection. What is said meanwhile is translated then.',
};

/**
 * @example
 * forPeople({ …status, reason: 'serviceRefused', message: 'The translation service at example.com refused the API key.' });
 * // { …status, reason: 'serviceRefused', message: 'Interpretation is not available at present. It is tried again by itself.' }
 */
export function forPeople(message: RoomMessage): RoomMessage {
  if (message.type !== 'status' || message.reason === undefined) return message;
  const plain = plainMessages[message.reason];
  return plain === undefined ? message : { ...message, message: plain };
}

/** The same of a message as JSON. */
export function textForPeople(text: string): string {
  const message = JSON.parse(text) as RoomMessage;
  const told = forPeople(message);
  return told === message ? text : JSON.stringify(told);
}
