/**
 * Signalling: one WebSocket at `/v1/signal`, JSON texts; a client's are at most 64 kB. The token comes with the upgrade (see
 * `signal-subprotocol.ts`); the first message is `join`. Then requests `{id, method, data}`, answered by `{id, ok: true, data}` or `{id, ok: false, error}`, and
 * notifications `{method, data}` from the server, which sends several messages as one JSON array where many come at once.
 */

import { z } from 'zod';
import { InterpreterStats } from './interpreter-stats.ts';
import { LanguageCode } from './languages.ts';
import { type RoomMessage, RoomMessage as RoomMessageSchema } from './room-messages.ts';
import {
  ClaimedRole,
  type DataProducerView,
  DisplayName,
  ParticipantView,
  Preferences,
  type ProducerView,
  RoomView,
  TrackSource,
  WaitingView,
} from './rooms.ts';
import { BudgetNotice, MAX_USAGE_ENTRIES, UsageEntry } from './usage.ts';
import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  IceServer,
  RtpCapabilities,
  RtpParameters,
  SctpParameters,
  SctpStreamParameters,
} from './webrtc-parameters.ts';

export { CloseCode, finalCloseCodes } from './close-codes.ts';

export const SIGNAL_PATH = '/v1/signal';

/**
 * The address of the signalling WebSocket of a server.
 *
 * @param server an `http`, `https`, `ws` or `wss` URL, with a path where a proxy serves it under one
 * @throws {TypeError} if `server` is not a URL
 * @example
 * signalUrl('https://booth.example'); // 'wss://booth.example/v1/signal'
 * signalUrl('https://example.org/booth/'); // 'wss://example.org/booth/v1/signal'
 */
export function signalUrl(server: string): string {
  const url = new URL(server);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(SIGNAL_PATH) ? path : `${path}${SIGNAL_PATH}`;
  url.search = '';
  url.hash = '';
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
}
export const MAX_SIGNAL_BYTES = 65_536;

/** Parameters as mediasoup and mediasoup-client take them: an object here; the server checks every field. */
const parameters = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null, 'must be an object');
const id = z.string().min(1).max(128);

/** Seen from the client: it sends on one transport and receives on another. */
export const TransportDirection = z.enum(['send', 'recv']);
export type TransportDirection = z.infer<typeof TransportDirection>;

export const TransportOptions = z.object({
  id: z.string(),
  iceParameters: parameters<IceParameters>(),
  iceCandidates: z.custom<IceCandidate[]>(Array.isArray),
  dtlsParameters: parameters<DtlsParameters>(),
  sctpParameters: parameters<SctpParameters>(),
  iceServers: z.custom<IceServer[]>(Array.isArray).exactOptional(),
  /** Milliseconds for which the passwords of `iceServers` are good. Absent: they do not end. */
  iceServersExpireInMs: z.number().exactOptional(),
});

/** mediasoup sends the layer to its worker as one byte; real tracks have few layers. */
const MAX_LAYER = 7;

const nothing = z.object({});

/** Every request: its data and its reply. */
export const requests = {
  join: {
    /**
     * `name` counts where the token has none. Refused with the code `waiting` where the waiting room is enabled: the connection
     * stays, and `waitingRoom.admitted` says when to join again.
     */
    data: Preferences.partial().extend({
      name: DisplayName.optional(),
      /** Of an interpreter that the server has had placed: of two, only the one with the higher fencing token may speak. */
      fence: z.number().int().positive().optional(),
      /** True after `room.moving`, at the server that it names: nobody else may join there before the room has moved. */
      ahead: z.boolean().optional(),
    }),
    reply: z.object({
      room: RoomView,
      you: ParticipantView,
      participants: z.array(ParticipantView),
      /** Milliseconds since the room was opened, when the reply was written. */
      clock: z.number(),
      rtpCapabilities: parameters<RtpCapabilities>(),
      /** The last final captions of each language, and the latest caption of each utterance that is still open; oldest first. */
      captions: z.array(RoomMessageSchema),
      /** The people who wait to be admitted; sent only to hosts. */
      waiting: z.array(WaitingView).optional(),
      /** How many read captions over HTTP; sent only to hosts. */
      readers: z.number().int().optional(),
      /** Languages that were chosen with the join were not accepted, because the room is interpreted into as many as it may be. */
      refusal: z.object({ code: z.string(), message: z.string() }).optional(),
      /** Absent: less than 80 % of today's budget is used, or there is none. */
      budget: BudgetNotice.optional(),
    }),
  },
  /** Another token for the same identity, room and grants: this one counts from now on. `expires` is in seconds since 1970. */
  'token.replace': { data: z.object({ token: z.string().max(8192) }), reply: z.object({ expires: z.number() }) },
  /** After `room.moving`: this client is connected to that server, too, and goes on there when this connection ends. */
  'room.readyToMove': { data: nothing, reply: nothing },
  'participant.update': { data: Preferences.partial(), reply: nothing },
  /** For interpreters: suggests a language that this person seems to speak instead of the chosen one. Only they are notified, and decide. */
  'participant.suggest': { data: z.object({ participantId: id, speaks: LanguageCode }), reply: nothing },
  /** For interpreters: this person is too quiet to be understood well, or no longer is. They and the hosts are notified. */
  'participant.setTooQuiet': { data: z.object({ participantId: id, isTooQuiet: z.boolean() }), reply: nothing },
  'transport.create': { data: z.object({ direction: TransportDirection }), reply: TransportOptions },
  'transport.connect': {
    data: z.object({ transportId: id, dtlsParameters: parameters<DtlsParameters>() }),
    reply: nothing,
  },
  'transport.restartIce': {
    data: z.object({ transportId: id }),
    reply: z.object({ iceParameters: parameters<IceParameters>() }),
  },
  /** STUN and TURN servers with new passwords, to be asked for before those of a transport end. */
  'iceServers.renew': {
    data: nothing,
    reply: z.object({
      iceServers: z.custom<IceServer[]>(Array.isArray),
      iceServersExpireInMs: z.number().exactOptional(),
    }),
  },
  'producer.create': {
    data: z.object({
      transportId: id,
      kind: z.enum(['audio', 'video']),
      source: TrackSource,
      rtpParameters: parameters<RtpParameters>(),
      paused: z.boolean().optional(),
      booth: ClaimedRole.optional(),
    }),
    reply: z.object({ producerId: z.string() }),
  },
  'producer.pause': { data: z.object({ producerId: id }), reply: nothing },
  'producer.resume': { data: z.object({ producerId: id }), reply: nothing },
  /** Bytes that the owner of a track has sent so far: shows whether a video changes without consuming it. */
  'producer.sent': { data: z.object({ producerId: id }), reply: z.object({ bytes: z.number() }) },
  'producer.close': { data: z.object({ producerId: id }), reply: nothing },
  /** The consumer is created paused: resume it when the receiving side is ready. */
  'consumer.create': {
    data: z.object({ transportId: id, producerId: id, rtpCapabilities: parameters<RtpCapabilities>() }),
    reply: z.object({
      id: z.string(),
      producerId: z.string(),
      kind: z.enum(['audio', 'video']),
      rtpParameters: parameters<RtpParameters>(),
      producerPaused: z.boolean(),
    }),
  },
  'consumer.resume': { data: z.object({ consumerId: id }), reply: nothing },
  'consumer.pause': { data: z.object({ consumerId: id }), reply: nothing },
  /** The largest layer that is wanted of a simulcast video; 0 is the smallest. */
  'consumer.setPreferredLayers': {
    data: z.object({
      consumerId: id,
      spatialLayer: z.int().min(0).max(MAX_LAYER),
    }),
    reply: nothing,
  },
  'consumer.close': { data: z.object({ consumerId: id }), reply: nothing },
  'dataProducer.create': {
    data: z.object({
      transportId: id,
      label: z.string().max(64),
      sctpStreamParameters: parameters<SctpStreamParameters>(),
      booth: ClaimedRole.optional(),
    }),
    reply: z.object({ dataProducerId: z.string() }),
  },
  'dataProducer.close': { data: z.object({ dataProducerId: id }), reply: nothing },
  'dataConsumer.create': {
    data: z.object({ transportId: id, dataProducerId: id }),
    reply: z.object({
      id: z.string(),
      dataProducerId: z.string(),
      sctpStreamParameters: parameters<SctpStreamParameters>(),
      label: z.string(),
      protocol: z.string(),
    }),
  },
  /**
   * The data channel is open, and the consumer, which is created paused, may send: first the captions that are kept and came since this
   * participant joined or last received the language.
   */
  'dataConsumer.resume': { data: z.object({ dataConsumerId: id }), reply: nothing },
  'dataConsumer.close': { data: z.object({ dataConsumerId: id }), reply: nothing },
  /** Mutes a person's microphone or shared sound until they unmute it. Only for hosts. The owner gets `producer.paused` too. */
  'host.mute': { data: z.object({ producerId: id }), reply: nothing },
  /** Removes this person from the room. Only for hosts. */
  'host.remove': { data: z.object({ participantId: id }), reply: nothing },
  /** Admits somebody who waits; they need not wait again if they come back within a day. Only for hosts. */
  'host.admit': { data: z.object({ participantId: id }), reply: nothing },
  /** Denies entry to somebody who waits. Only for hosts. */
  'host.deny': { data: z.object({ participantId: id }), reply: nothing },
  /**
   * For interpreters, which share the account's limit on connections to the translation service: reserves the next connection. It may
   * be made in `waitMs` milliseconds. Until then its time may change (`session.moved`). It is released when the interpreter leaves.
   */
  'session.reserve': { data: nothing, reply: z.object({ reservation: z.number(), waitMs: z.number() }) },
  /** Tokens that were used since the last report. */
  'session.used': { data: z.object({ tokens: z.number().int().nonnegative().max(10_000_000) }), reply: nothing },
  /** The service asked for fewer requests. */
  'session.throttled': { data: nothing, reply: nothing },
  /**
   * Reports what an interpreter's sessions have used since its last report, by speaker and language. `reporter` names this life of its
   * process, `number` counts its reports from 1: one that is sent again is not counted again, and one whose predecessor is missing is refused
   * (`conflict`), as is more than can have been used in the time (`invalid`).
   */
  'usage.report': {
    data: z.object({
      reporter: z.string().min(1).max(64),
      number: z.int().positive(),
      entries: z.array(UsageEntry).max(MAX_USAGE_ENTRIES),
    }),
    reply: nothing,
  },
  /** How the interpreter is doing, every few seconds. */
  'interpreter.report': { data: InterpreterStats, reply: nothing },
} as const;

export type Requests = typeof requests;
export type Method = keyof Requests;
export type RequestData<M extends Method> = z.input<Requests[M]['data']>;
export type ReplyData<M extends Method> = z.infer<Requests[M]['reply']>;
export type JoinReply = ReplyData<'join'>;

/** Every notification. What concerns a hidden participant goes to interpreters and hosts alone. */
export interface Notifications {
  'participant.joined': { participant: ParticipantView };
  /** Preferences changed. Tracks have notifications of their own. */
  'participant.updated': { participantId: string; preferences: Preferences };
  /** You seem to speak this language, and have said another. Only you are notified; your preferences stay as they are. */
  'participant.suggested': { speaks: LanguageCode };
  /** To a person and to hosts: the interpreter hardly hears this person, who is too quiet; `isTooQuiet` false: it hears them again. */
  'participant.tooQuiet': { participantId: string; isTooQuiet: boolean };
  'participant.left': { participantId: string };
  'producer.created': { participantId: string; producer: ProducerView };
  'producer.paused': { participantId: string; producerId: string };
  'producer.resumed': { participantId: string; producerId: string };
  'producer.closed': { participantId: string; producerId: string };
  'dataProducer.created': { participantId: string; dataProducer: DataProducerView };
  'dataProducer.closed': { participantId: string; dataProducerId: string };
  /** One of your own consumers ended, because its producer did. */
  'consumer.closed': { consumerId: string };
  'dataConsumer.closed': { dataConsumerId: string };
  'room.updated': { room: RoomView };
  /**
   * The room moves to this server: this connection ends at the next pause in speech (1001). Whoever joins there before, publishes without
   * sending sound, and says so by `room.readyToMove`, loses nothing of what is said.
   */
  'room.moving': { server: string };
  /** The room has moved to the server that `room.moving` has named: this connection ends now. Where it ends without this, the room is where it was. */
  'room.moved': Record<string, never>;
  /** To hosts: all who wait to be admitted now, in the order in which they came. */
  'waitingRoom.updated': { waiting: WaitingView[] };
  /** To hosts: how many read captions over HTTP now. */
  'readers.updated': { readers: number };
  /** To somebody who waits: a host has admitted you; send `join` again on this connection. */
  'waitingRoom.admitted': Record<string, never>;
  /** Your token ends soon, and this one takes its place: it is for the next join. `expires` is in seconds since 1970. */
  'token.renewed': { token: string; expires: number };
  /** Your token ends at this time, in seconds since 1970, and is not renewed. Without `token.replace` the connection ends then (4411). */
  'token.expiring': { expires: number };
  /** A host has deleted the transcript up to now. */
  'transcript.deleted': Record<string, never>;
  /** The time of a connection that you have reserved has changed: it may be made in `waitMs` milliseconds. */
  'session.moved': { reservation: number; waitMs: number };
  /** 80 % or all of a budget that concerns you are used; null: it has room again. */
  'budget.changed': { budget: BudgetNotice | null };
}
export type NotificationName = keyof Notifications;
export type { RoomMessage };

export const RequestEnvelope = z.object({
  id: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  method: z.string(),
  data: z.unknown(),
});

export interface SignalError {
  code: string;
  /** An explanation for people: what was wrong, and what to do. */
  message: string;
  /** With the code `elsewhere`: the URL of the server at which the room is. */
  server?: string;
}
export type Reply = { id: number; ok: true; data: unknown } | { id: number; ok: false; error: SignalError };
