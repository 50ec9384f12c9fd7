/**
 * What an edge node and the server of a room's origin say to each other, over a WebSocket that the edge opens. The origin asks, and the
 * edge does what it is asked, in the order of the requests: it knows neither rooms nor participants, only routers and what is on them.
 *
 * Whoever is at the other end has proved that they know the cluster's secret. What clients have sent was checked by the origin; here
 * it is checked again, because a value of a wrong type breaks mediasoup's channel to the worker.
 */
import type { IceCandidate, IceParameters, SctpParameters, SrtpParameters } from 'mediasoup/types';
import { z } from 'zod';

/** Where the server takes edge nodes in. */
export const EDGE_PATH = '/internal/edge';

/** The header of the upgrade that says who asks. */
export const EDGE_CREDENTIAL_HEADER = 'booth-cluster-credential';

/** The largest message: the capabilities of a client, or a room message. */
export const MAX_EDGE_MESSAGE_BYTES = 262_144;

const id = z.string().min(1).max(64);
/** What only mediasoup reads, as mediasoup has given it to the other side. */
const given = <T>() => z.custom<T>((value) => typeof value === 'object' && value !== null);
/** What clients or other mediasoup routers describe: see `media-parameters.ts`. */
const described = z.unknown();
const nothing = z.object({});

/** The end of a pipe: where packets for it are sent, and with which keys it encrypts. */
const PipeEnd = z.object({
  ip: z.string().min(1).max(255),
  port: z.int().min(1).max(65_535),
  srtpParameters: given<SrtpParameters>(),
});
export type PipeEnd = z.infer<typeof PipeEnd>;

export const edgeRequests = {
  /** Proves that the server knows the secret, too; nothing else is answered before. */
  prove: { data: z.object({ proof: z.string().max(128) }), reply: nothing },

  /** Opens a router on one of the edge's media workers, with a pipe to the origin's. */
  'router.open': { data: z.object({ router: id, worker: z.int().min(0), pipe: PipeEnd }), reply: PipeEnd },
  'router.close': { data: z.object({ router: id }), reply: nothing },

  /** A track that comes through the pipe. */
  'track.open': {
    data: z.object({
      router: id,
      producerId: id,
      kind: z.enum(['audio', 'video']),
      rtpParameters: described,
      paused: z.boolean(),
    }),
    reply: nothing,
  },
  'track.setPaused': { data: z.object({ router: id, producerId: id, paused: z.boolean() }), reply: nothing },
  'track.close': { data: z.object({ router: id, producerId: id }), reply: nothing },

  /** A caption channel. Its messages come over this WebSocket. */
  'captions.open': { data: z.object({ router: id, id, label: z.string(), protocol: z.string() }), reply: nothing },
  'captions.send': {
    data: z.object({ router: id, id, message: z.string(), ppid: z.int().min(0) }),
    reply: nothing,
  },
  'captions.close': { data: z.object({ router: id, id }), reply: nothing },

  /** The transport of a listener. */
  'transport.open': {
    data: z.object({ router: id }),
    reply: z.object({
      id,
      iceParameters: given<IceParameters>(),
      iceCandidates: given<IceCandidate[]>(),
      dtlsParameters: described,
      sctpParameters: given<SctpParameters>(),
    }),
  },
  'transport.connect': { data: z.object({ transport: id, dtlsParameters: described }), reply: nothing },
  'transport.restartIce': { data: z.object({ transport: id }), reply: given<IceParameters>() },
  'transport.close': { data: z.object({ transport: id }), reply: nothing },

  'consumer.open': {
    data: z.object({ transport: id, producerId: id, rtpCapabilities: described }),
    reply: z.object({ id, kind: z.enum(['audio', 'video']), rtpParameters: described, producerPaused: z.boolean() }),
  },
  'consumer.pause': { data: z.object({ consumer: id }), reply: nothing },
  'consumer.resume': { data: z.object({ consumer: id }), reply: nothing },
  'consumer.setPreferredLayers': {
    data: z.object({ consumer: id, spatialLayer: z.int().min(0).max(7) }),
    reply: nothing,
  },
  'consumer.close': { data: z.object({ consumer: id }), reply: nothing },

  'dataConsumer.open': {
    data: z.object({ transport: id, dataProducerId: id }),
    reply: z.object({ id, sctpStreamParameters: described, label: z.string(), protocol: z.string() }),
  },
  'dataConsumer.resume': { data: z.object({ dataConsumer: id }), reply: nothing },
  'dataConsumer.send': { data: z.object({ dataConsumer: id, message: z.string() }), reply: nothing },
  'dataConsumer.close': { data: z.object({ dataConsumer: id }), reply: nothing },
} as const;

type EdgeRequests = typeof edgeRequests;
export type EdgeMethod = keyof EdgeRequests;
export type EdgeRequestData<M extends EdgeMethod> = z.output<EdgeRequests[M]['data']>;
export type EdgeReply<M extends EdgeMethod> = z.output<EdgeRequests[M]['reply']>;

/** What the edge tells by itself. */
export const EdgeNotification = z.discriminatedUnion('event', [
  /** It is ready, with so many media workers. */
  z.object({ event: z.literal('ready'), workers: z.int().min(1).max(256) }),
  /** A listener's connection has ended. */
  z.object({ event: z.literal('transport.closed'), transport: id }),
  /** A router has ended with its media worker. */
  z.object({ event: z.literal('router.closed'), router: id }),
]);
export type EdgeNotification = z.infer<typeof EdgeNotification>;

/** A request; without an id, it is not answered. */
export const EdgeRequest = z.object({ id: z.int().optional(), method: z.string().max(64), data: z.unknown() });

/** The answer to a request, with the reason where it failed. */
export const EdgeAnswer = z.object({
  answers: z.int(),
  data: z.unknown().optional(),
  error: z.string().max(4096).optional(),
});
export type EdgeRequest = z.infer<typeof EdgeRequest>;
export type EdgeAnswer = z.infer<typeof EdgeAnswer>;
