/**
 * `GET /v1/rooms/{room}/captions` [captions, admin]: what is said, for clients without WebRTC. A reader joins the room as a hidden
 * participant who reads, so that their language is translated for as long as they read it.
 */
import { randomUUID } from 'node:crypto';
import {
  ApiError,
  CaptionsQuery,
  type Claims,
  CloseCode,
  type HeardLanguage,
  type RoomMessage,
  RoomName,
} from '@mediasoup-booth/protocol';
import type { Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../time/clock.ts';
import { EXPIRED_MESSAGE, TokenLifetime } from '../auth/token-lifetime.ts';
import { credentialOf, type TokenService } from '../auth/token-service.ts';
import { limits } from '../limits.ts';
import { type Profile, shownName } from '../room/participant.ts';
import { requireLanguages } from '../room/request-checks.ts';
import type { Room } from '../room/room.ts';
import type { RoomRules } from '../room/room-rules.ts';
import type { Rooms } from '../room/rooms.ts';
import { EventStream } from './event-stream.ts';
import { RESPONDED, type Route, route } from './route.ts';

export interface CaptionsDeps {
  tokens: TokenService;
  rules: RoomRules;
  rooms: Rooms;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  log: Logger;
}

export function captionsRoute({ tokens, rules, rooms, clock, wallNow, log }: CaptionsDeps): Route {
  const limiter = new ReaderLimiter();

  return route({
    method: 'get',
    path: '/v1/rooms/{room}/captions',
    summary: 'Room messages as server-sent events: what was said last, then all that comes',
    grants: ['captions', 'admin'],
    params: z.object({ room: RoomName }),
    query: CaptionsQuery,
    answers: { 200: z.string() },
    types: ['text/event-stream'],
    crossOrigin: true,
    async handle({ claims, params, query: { language }, request, response }) {
      requireLanguages({ reads: [language] });
      response.once('close', limiter.acquire(claims.sub));
      const room = await rooms.obtain(params.room);
      if (response.closed) return RESPONDED;
      // Much may have changed while the room opened.
      tokens.requireNotRevoked(claims);
      rules.requireAdmitted(params.room, claims.sub, claims.booth.grants);
      read(room, claims, language, request.get('Last-Event-ID'), response);
      return RESPONDED;
    },
  });

  function read(
    room: Room,
    claims: Claims,
    language: HeardLanguage,
    lastEventId: string | undefined,
    response: Response,
  ): void {
    const profile = readerProfile(claims, language);
    const stream = new EventStream(response, clock, log.child({ room: room.name, participant: profile.id }));
    room.requireLanguages(profile.preferences);
    const { participant } = room.join(profile, stream);
    const send = ({ number, message }: { number: number; message: RoomMessage }): void => {
      if (isRelevant(language, message)) stream.send(`${room.instanceId}-${number}`, message);
    };
    const unsubscribe = room.captions.onMessage(send);
    const lifetime = new TokenLifetime(claims, {
      clock,
      wallNow,
      renew: () => undefined,
      onExpiring: () => {},
      onExpired: () => stream.close(CloseCode.expired, EXPIRED_MESSAGE),
    });
    stream.start(() => {
      lifetime.cancel();
      unsubscribe();
      room.leave(participant);
    });
    room.captions.since(lastSeen(room, lastEventId)).forEach(send);
    room.presenceChanged(participant);
  }
}

const isRelevant = (language: HeardLanguage, message: RoomMessage): boolean =>
  language === 'original' ? message.type === 'caption' && message.kind === 'original' : message.language === language;

function readerProfile(claims: Claims, language: HeardLanguage): Profile {
  const { sub, booth } = claims;
  return {
    // The same person may also be in the room, under the identity itself.
    id: `reader-${randomUUID()}`,
    name: shownName([booth.name, sub], booth.grants),
    identity: sub,
    hidden: true,
    reader: true,
    grants: ['captions'],
    credential: credentialOf(claims),
    preferences: { speaks: null, hears: 'original', reads: [language], interpret: true, pictures: true },
  };
}

/** The number of the last message that a reader has received of this very room instance; 0: none. */
function lastSeen(room: Room, eventId: string | undefined): number {
  const [life, number] = eventId?.split('-') ?? [];
  return life === room.instanceId && /^\d{1,15}$/.test(number ?? '') ? Number(number) : 0;
}

/** Bounds the readers at once, all together and of each identity. */
class ReaderLimiter {
  readonly #readers = new Map<string, number>();
  #total = 0;

  /** @returns releases the place; call it once. @throws {ApiError} at a bound */
  acquire(identity: string): () => void {
    const count = this.#readers.get(identity) ?? 0;
    if (count >= limits.captionReadersPerIdentity)
      throw new ApiError('tooMany', `"${identity}" reads ${count} times already, which is as often as one may`);
    if (this.#total >= limits.captionReaders)
      throw new ApiError('tooMany', `${this.#total} read captions already, which is as many as may: try again later`);
    this.#readers.set(identity, count + 1);
    this.#total++;
    return () => this.#release(identity);
  }

  #release(identity: string): void {
    const count = this.#readers.get(identity) ?? 0;
    if (count > 1) this.#readers.set(identity, count - 1);
    else this.#readers.delete(identity);
    this.#total--;
  }
}
