/** What a server asks of workers: an interpreter for one of its rooms. It goes through the queue in Redis, so it holds the room's token, and no key of a service. */
import { LanguageCode, LanguageSettings, PictureMode, RoomName } from '@mediasoup-booth/protocol';
import { z } from 'zod';

export const InterpreterOrder = z.object({
  room: RoomName,
  /** The id of the interpreter in the room. */
  interpreter: z.string(),
  /** The address under which workers reach the server of the room: `https://node-1.meet.example.org`. */
  server: z.url(),
  /** Admits the interpreter to its room. */
  token: z.string(),
  /** A worker may take the lease from whoever has it with a fencing token up to this one. */
  above: z.number().int().min(0),
  languages: z.union([z.literal('auto'), z.array(LanguageCode)]),
  languageSettings: z.record(z.string(), LanguageSettings),
  pictures: PictureMode,
  /** What the configuration of the server says, which counts wherever its rooms are interpreted. */
  settings: z.object({
    sessionIdleTimeoutMs: z.number(),
    limits: z.object({ maxSessions: z.number().int() }),
    playout: z.object({ tracks: z.enum(['mixed', 'perSpeaker']), maxLagMs: z.number(), voices: z.number().int() }),
  }),
});
export type InterpreterOrder = z.infer<typeof InterpreterOrder>;

/** Names the lease of a room of one server: while a room moves, two servers have a room of its name, with an interpreter each. */
export const leaseOf = ({ room, server }: Pick<InterpreterOrder, 'room' | 'server'>): string => `${server}/${room}`;
