/**
 * One signalling socket, of a client whose token was verified: nothing that comes over it throws, waits without bound or stays unanswered.
 * A request gets a reply; what is no request at all, or too much, ends the connection with a reason.
 */

import {
  ApiError,
  type Claims,
  CloseCode,
  issues,
  type JoinResponse,
  messageOf,
  type NotificationName,
  type Notifications,
  RequestEnvelope,
} from '@mediasoup-booth/protocol';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import type { Clock } from '../../time/clock.ts';
import type { ReportedUsage } from '../account/reported-usage.ts';
import type { ConnectionPermits } from '../account/shared-connection-limiter.ts';
import { EXPIRED_MESSAGE, TokenLifetime } from '../auth/token-lifetime.ts';
import { credentialOf } from '../auth/token-service.ts';
import type { InterpreterStatsCollector } from '../interpreter-stats.ts';
import { limits } from '../limits.ts';
import { type IceServerOptions, issueIceServers } from '../media/ice-servers.ts';
import type { Announcement } from '../room/announcement.ts';
import { type Participant, type ParticipantConnection, type Profile, shownName } from '../room/participant.ts';
import { requireLanguages } from '../room/request-checks.ts';
import type { Room } from '../room/room.ts';
import { inRoom, listenInRoom } from '../room/room-context.ts';
import { RoomElsewhereError } from '../room/room-directory.ts';
import type { WaitingRoom } from '../room/waiting-room.ts';
import { closeWithReason } from './close.ts';
import { Outbox } from './outbox.ts';
import { requestCost } from './request-costs.ts';
import { RequestQueue } from './request-queue.ts';
import type { RequestScheduler } from './request-scheduler.ts';
import { handleRequest, type Member, parseRequest } from './requests.ts';

export interface SignallingDeps {
  /** The claims of a token. @throws {ApiError} that says what is wrong with it */
  verify(token: string): Claims;
  /** A token that takes the place of another which ends soon; undefined: it is not renewed. */
  renew(claims: Claims): JoinResponse | undefined;
  /** Returns the room, opened if need be. */
  enter(room: string, options: { ahead: boolean; launched: boolean }): Promise<Room>;
  connectionLimiter: ConnectionPermits;
  usage: UsageAccounting;
  reportedUsage: ReportedUsage;
  interpreterStats: InterpreterStatsCollector;
  /** STUN and TURN servers for everybody who is elsewhere; undefined: there are none. */
  iceServers: IceServerOptions | undefined;
  scheduler: RequestScheduler;
  clock: Clock;
  /** Milliseconds since 1970. */
  wallNow(): number;
  joinWithinMs: number;
  /** A person who was not admitted by then is sent away. */
  waitMs: number;
  log: Logger;
}

type Request = { id: number; method: string; data?: unknown };

export class SignallingConnection implements ParticipantConnection {
  readonly #socket: WebSocket;
  readonly #token: string;
  readonly #deps: SignallingDeps;
  /** Called once this connection has brought somebody into a room or a waiting room. */
  readonly #onJoined: () => void;
  readonly #requests: RequestQueue;
  readonly #outbox: Outbox;
  /** Carries the ids of room and participant, as soon as they are known. */
  #log: Logger;
  #cancelJoinTimeout: () => void;
  #tokenLifetime: TokenLifetime | undefined;
  #member: Member | 'joining' | undefined;
  /** The waiting room in which this person waits. */
  #waitingRoom: WaitingRoom | undefined;
  #ended = false;
  #alive = true;

  /** @param token came with the upgrade, and was valid then */
  constructor(socket: WebSocket, token: string, deps: SignallingDeps, onJoined: () => void) {
    this.#socket = socket;
    this.#token = token;
    this.#deps = deps;
    this.#onJoined = onJoined;
    this.#log = deps.log;
    this.#outbox = new Outbox(deps.clock, (text) => this.#write(text));
    this.#requests = new RequestQueue({
      ...deps,
      handle: (message) => this.#handle(message),
      onExceeded: (reason) => this.close(CloseCode.tooMany, reason),
    });
    this.#cancelJoinTimeout = deps.clock.after(deps.joinWithinMs, () =>
      this.close(CloseCode.unauthorized, 'no join came in time'),
    );
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('close', () => this.#end());
    socket.on('error', (error) => this.#log.debug({ err: error }, 'signalling socket failed'));
  }

  notify<N extends NotificationName>(name: N, data: Notifications[N]): void {
    this.#send({ method: name, data });
  }

  announce(announcement: Announcement): void {
    if (!this.#ended) this.#outbox.announce(announcement);
  }

  close(code: number, reason: string): void {
    closeWithReason(this.#socket, code, reason, this.#deps.clock);
    this.#end();
  }

  /** Terminates a socket that has not answered the ping of the last call, and pings it again otherwise. */
  checkAlive(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    if (isBinary) this.close(CloseCode.badMessage, 'binary messages are not understood');
    else this.#requests.push(Buffer.isBuffer(data) ? data : Buffer.from(data.toString()));
  }

  async #handle(message: Buffer): Promise<void> {
    const request = requestIn(message.toString());
    if (typeof request === 'string') this.close(CloseCode.badMessage, request);
    else if (this.#requests.take(requestCost(request.method))) await this.#answer(request);
  }

  async #answer(request: Request): Promise<void> {
    try {
      if (typeof this.#member === 'object') {
        const member = this.#member;
        const data = await inRoom(member.room.name, () => handleRequest(member, request.method, request.data));
        this.#send({ id: request.id, ok: true, data });
      } else {
        await this.#join(request);
      }
    } catch (error) {
      this.#sendError(request, error);
    }
  }

  async #join({ id, method, data }: Request): Promise<void> {
    if (method !== 'join') throw new ApiError('notJoined', 'the first message must be "join"');
    if (this.#member === 'joining') throw new ApiError('alreadyJoined', 'a join is under way already');
    const options = parseRequest('join', data);
    const claims = this.#verified(id);
    if (!claims) return;
    requireLanguages(options);
    this.#member = 'joining';
    try {
      const profile = profileOf(claims, options);
      const { ahead = false } = options;
      const room = await this.#deps.enter(claims.booth.room, { ahead, launched: profile.credential.launched });
      if (this.#ended) return;
      if (profile.credential.launched) await room.handoverPause(profile);
      // The token may have been revoked while the room opened.
      if (this.#ended || !this.#verified(id)) return;
      this.#log = this.#deps.log.child({ room: room.name, participant: profile.id });
      if (room.waiting.mustWait(profile)) this.#wait(room.waiting, profile);
      const { participant, reply } = room.join(room.waiting.asAdmitted(profile), this);
      const { connectionLimiter, usage, reportedUsage, interpreterStats } = this.#deps;
      const replaceToken = (token: string): number => this.#replaceToken(token, claims);
      const counts = { connectionLimiter, usage, reportedUsage, interpreterStats };
      const issue = () => this.#issueIceServers(room.name, participant);
      this.#member = { room, participant, ...counts, replaceToken, issueIceServers: issue };
      this.#onJoined();
      this.#cancelJoinTimeout();
      this.#leaveWaitingRoom();
      // In the same turn as `room.join`, so that no notification comes before the reply.
      this.#send({ id, ok: true, data: reply });
      this.#tokenLifetime = this.#followToken(claims);
      listenInRoom(room.name, () => room.presenceChanged(participant));
    } finally {
      if (this.#member === 'joining') this.#member = undefined;
    }
  }

  /** An interpreter that the server has launched is on the same computer, and needs none, unless a worker runs it. */
  #issueIceServers(room: string, { id, credential, fence }: Participant) {
    const { iceServers, wallNow } = this.#deps;
    if (!iceServers || (credential.launched && fence === undefined)) return undefined;
    return issueIceServers(iceServers, `${room}/${id}`, wallNow());
  }

  /** Enters the waiting room. The time limit for joining is replaced by the one for being admitted. */
  #wait(waiting: WaitingRoom, profile: Profile): never {
    waiting.knock(profile, this);
    this.#onJoined();
    if (!this.#waitingRoom) {
      this.#cancelJoinTimeout();
      const tooLong = () => this.close(CloseCode.waitedTooLong, 'nobody has let you in: try again, or ask the host');
      this.#cancelJoinTimeout = this.#deps.clock.after(this.#deps.waitMs, tooLong);
    }
    this.#waitingRoom = waiting;
    throw new ApiError(
      'waiting',
      'the host lets people in one by one and is told that you are here: wait to be let in',
    );
  }

  #followToken(claims: Claims): TokenLifetime {
    const { clock, wallNow, renew, verify } = this.#deps;
    return new TokenLifetime(claims, {
      clock,
      wallNow,
      renew: (ending) => {
        const renewed = renew(ending);
        if (!renewed) return undefined;
        this.notify('token.renewed', { token: renewed.token, expires: renewed.expires });
        return verify(renewed.token);
      },
      onExpiring: (expires) => this.notify('token.expiring', { expires }),
      onExpired: () => this.close(CloseCode.expired, EXPIRED_MESSAGE),
    });
  }

  /** @throws {ApiError} where the token is not valid, is for somebody or something else than the one of the join, or ends sooner than the one before */
  #replaceToken(token: string, joined: Claims): number {
    const claims = this.#deps.verify(token);
    const same =
      claims.sub === joined.sub &&
      claims.booth.room === joined.booth.room &&
      claims.booth.grants.toSorted().join() === joined.booth.grants.toSorted().join() &&
      (claims.booth.hidden ?? false) === (joined.booth.hidden ?? false);
    if (!same)
      throw new ApiError('invalid', 'the token has another identity, room or grants: leave, and join with it instead');
    // What is revoked and what ends must be the same token: its holder would stay in by the one after the other was revoked.
    if (this.#tokenLifetime?.replace(claims) === false)
      throw new ApiError(
        'invalid',
        'the token ends sooner than the one that it would replace: get one that ends later',
      );
    if (typeof this.#member === 'object') this.#member.participant.credential = credentialOf(claims);
    return claims.exp;
  }

  #leaveWaitingRoom(): void {
    this.#waitingRoom?.leave(this);
    this.#waitingRoom = undefined;
  }

  /** A token that is no longer valid ends the connection, after the reply that says what is wrong with it. */
  #verified(id: number): Claims | undefined {
    try {
      return this.#deps.verify(this.#token);
    } catch (error) {
      this.#sendError({ id, method: 'join' }, error);
      const revoked = error instanceof ApiError && error.code === 'revoked';
      this.close(revoked ? CloseCode.revoked : CloseCode.unauthorized, messageOf(error));
      return undefined;
    }
  }

  #sendError({ id, method }: Pick<Request, 'id' | 'method'>, error: unknown): void {
    if (error instanceof ApiError) {
      const server = error instanceof RoomElsewhereError ? { server: error.server } : {};
      this.#send({ id, ok: false, error: { code: error.code, message: error.message, ...server } });
      return;
    }
    this.#log.error({ err: error, method }, 'signalling request failed unexpectedly');
    this.#send({ id, ok: false, error: { code: 'internal', message: 'the server failed: its log tells why' } });
  }

  #send(message: object): void {
    if (!this.#ended) this.#outbox.send(message);
  }

  #write(text: string): void {
    this.#socket.send(text);
    if (this.#socket.bufferedAmount <= limits.socketBacklogBytes) return;
    this.#log.warn('signalling socket ended: its reader is too slow');
    this.#socket.terminate();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#requests.close();
    this.#outbox.close();
    this.#cancelJoinTimeout();
    this.#tokenLifetime?.cancel();
    this.#leaveWaitingRoom();
    if (typeof this.#member !== 'object') return;
    this.#member.connectionLimiter.release(this);
    this.#member.interpreterStats.remove(this.#member.participant.id);
    const { room, participant } = this.#member;
    listenInRoom(room.name, () => room.leave(participant));
  }
}

/** The request in a text; a string says what is wrong with the text. */
function requestIn(text: string): Request | string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return 'the message is not JSON';
  }
  const parsed = RequestEnvelope.safeParse(message);
  return parsed.success ? parsed.data : `the message is not a request {id, method, data}: ${issues(parsed.error)}`;
}

function profileOf(claims: Claims, options: ReturnType<typeof parseRequest<'join'>>): Profile {
  const { sub, booth } = claims;
  return {
    id: sub,
    identity: sub,
    // The name in the token goes first: its issuer knows who it is for.
    name: shownName([booth.name, options.name, sub], booth.grants),
    hidden: booth.hidden ?? false,
    reader: false,
    grants: booth.grants,
    credential: credentialOf(claims),
    fence: options.fence,
    preferences: {
      speaks: options.speaks === undefined ? (booth.speaks ?? null) : options.speaks,
      hears: options.hears ?? 'original',
      reads: options.reads ?? [],
      interpret: options.interpret ?? true,
      pictures: options.pictures ?? true,
    },
  };
}
