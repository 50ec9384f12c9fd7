/**
 * `GET /v1/rooms/{room}/captions` [subscribe]: what is said, for who has no WebRTC. A reader enters the room like everyone else, as
 * a hidden participant who reads: so what they read is translated for as long as they read it.
 */
import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import type { Logger } from 'pino';
import { ApiError } from '../../protocol/api-error.ts';
import type { HeardLanguage } from '../../protocol/languages.ts';
import { CaptionsQuery } from '../../protocol/rest.ts';
import type { RoomMessage } from '../../protocol/room-messages.ts';
import type { Claims } from '../../protocol/tokens.ts';
import { credentialIds, type TokenService } from '../auth/token-service.ts';
import { limits } from '../limits.ts';
import type { Profile } from '../room/participant.ts';
import { requireLanguages } from '../room/request-checks.ts';
import type { Room } from '../room/room.ts';
import type { RoomRules } from '../room/room-rules.ts';
import type { Rooms } from '../room/rooms.ts';
import { authorize, roomOf } from './authorization.ts';
import { EventStream } from './event-stream.ts';
import { query } from './problems.ts';

export function captionRoutes(passes: TokenService, rules: RoomRules, rooms: Rooms, log: Logger): Router {
  const seats = new Seats();
  const router = Router();

  router.get('/rooms/:room/captions', async (request, response) => {
    const name = roomOf(request);
    const claims = authorize(passes, request, name, 'subscribe');
    const { language } = query(CaptionsQuery, request);
    requireLanguages({ reads: [language] });
    const leaveSeat = seats.take(claims.sub);
    response.once('close', leaveSeat);
    const room = await rooms.obtain(name);
    if (response.closed) return;
    // The room may have taken a while to open.
    passes.requireNotRevoked(claims);
    rules.requireAdmitted(name, claims.sub, claims.booth.grants);
    const stream = new EventStream(response, log);
    const { participant } = room.join(readerProfile(claims, language), stream);
    const read = ({ number, message }: { number: number; message: RoomMessage }): void => {
      if (concerns(language, message)) stream.send(`${room.instanceId}-${number}`, message);
    };
    const stopReading = room.captions.onMessage(read);
    stream.begin(() => {
      stopReading();
      room.leave(participant);
    });
    room.captions.since(lastSeen(room, request.get('Last-Event-ID'))).forEach(read);
    room.presenceChanged(participant);
  });

  return router;
}

const concerns = (language: HeardLanguage, message: RoomMessage): boolean =>
  language === 'original' ? message.type === 'caption' && message.kind === 'original' : message.language === language;

function readerProfile(claims: Claims, language: HeardLanguage): Profile {
  const { sub, booth } = claims;
  return {
    // Somebody may read and be in the room as well.
    id: `reader-${randomUUID()}`,
    name: booth.name ?? sub,
    identity: sub,
    hidden: true,
    grants: ['subscribe'],
    credentialIds: credentialIds(claims),
    preferences: { speaks: null, hears: 'original', reads: [language], interpret: true, pictures: true },
  };
}

/** The number of the last message that a reader has had of this very room; 0: they begin. */
function lastSeen(room: Room, eventId: string | undefined): number {
  const [life, number] = eventId?.split('-') ?? [];
  return life === room.instanceId && /^\d{1,15}$/.test(number ?? '') ? Number(number) : 0;
}

/** How many read at once: bounded, also for each identity. */
class Seats {
  readonly #taken = new Map<string, number>();
  #all = 0;

  /** @returns what gives it back, once */
  take(identity: string): () => void {
    const taken = this.#taken.get(identity) ?? 0;
    if (taken >= limits.captionReadersPerIdentity)
      throw new ApiError('tooMany', `"${identity}" reads ${taken} times already, which is as often as one may`);
    if (this.#all >= limits.captionReaders)
      throw new ApiError('tooMany', `${this.#all} read captions already, which is as many as may: try again later`);
    this.#taken.set(identity, taken + 1);
    this.#all++;
    return () => this.#giveBack(identity);
  }

  #giveBack(identity: string): void {
    const taken = this.#taken.get(identity) ?? 0;
    if (taken > 1) this.#taken.set(identity, taken - 1);
    else this.#taken.delete(identity);
    this.#all--;
  }
}
