/** Links to a room, for people. What lets somebody in is added in the fragment, which no server sees. */
import type { Request } from 'express';

/**
 * @param publicUrl the configured address; else the server is named as the caller reached it, and as a trusted proxy was reached
 *
 * @example
 * const link = `${roomLink(publicUrl, request, 'lobby')}#invite=${invite}`;
 */
export function roomLink(publicUrl: string | undefined, request: Request, room: string): string {
  const origin = publicUrl ? new URL(publicUrl).origin : `${request.protocol}://${request.host}`;
  return `${origin}/room/${room}`;
}
