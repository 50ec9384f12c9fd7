/**
 * What crosses a process boundary in Booth: signalling, REST, room messages and tokens, as zod schemas and their types.
 *
 * @example
 * const message = RoomMessage.parse(JSON.parse(text));
 * if (message.type === 'caption') show(message.stable + (message.tentative ?? ''));
 */
export * from './api-error.ts';
export * from './close-codes.ts';
export * from './display-name.ts';
export * from './interpreter-stats.ts';
export * from './languages.ts';
export * from './overview.ts';
export * from './rest.ts';
export * from './room-messages.ts';
export * from './rooms.ts';
export * from './signal-subprotocol.ts';
export * from './signalling.ts';
export * from './tokens.ts';
export * from './usage.ts';
export * from './webhooks.ts';
export type { IceServer } from './webrtc-parameters.ts';
