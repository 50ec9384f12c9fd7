/**
 * What an edge node does for one origin: it opens routers, transports and consumers as it is asked to. All of it ends with the
 * connection to the origin. The commands to a consumer, and the captions that it is to receive, reach the media worker in the order in
 * which the origin has sent them.
 */
import type {
  Consumer,
  DataConsumer,
  DataProducer,
  DirectTransport,
  PipeTransport,
  Producer,
  WebRtcTransport,
} from 'mediasoup/types';
import { dtlsParametersOf, rtpCapabilitiesOf, rtpParametersOf } from '../media/media-parameters.ts';
import type { MediaWorkers, RoomMedia } from '../media/media-workers.ts';
import { openWebRtcTransport } from '../media/webrtc-transport.ts';
import type { EdgeRequestHandler } from './edge-link.ts';
import type { EdgeMethod, EdgeNotification, EdgeReply, EdgeRequestData } from './edge-protocol.ts';
import { openPipeTransport, type PipeAddress, pipeEndOf } from './pipe-transport.ts';

/** A router with what comes to it. */
interface EdgeRoom {
  media: RoomMedia;
  pipe: PipeTransport;
  direct: DirectTransport;
  tracks: Map<string, Producer>;
  captions: Map<string, DataProducer>;
}

export interface EdgeSessionDeps {
  workers: Pick<MediaWorkers, 'createRouterOn'>;
  pipeAddress: PipeAddress;
  /** Whether the origin knows the cluster's secret, by its proof. */
  isProof(proof: string): boolean;
  /** Called when the origin has proved it. */
  proved(): void;
  notify(notification: EdgeNotification): void;
}

type Handlers = { [M in EdgeMethod]: (data: EdgeRequestData<M>) => Promise<EdgeReply<M>> };

export class EdgeSession {
  readonly #deps: EdgeSessionDeps;
  readonly #rooms = new Map<string, EdgeRoom>();
  readonly #transports = new Map<string, WebRtcTransport>();
  readonly #roomOfTransport = new WeakMap<WebRtcTransport, EdgeRoom>();
  readonly #consumers = new Map<string, Consumer>();
  readonly #dataConsumers = new Map<string, DataConsumer>();
  #isProved = false;
  #closed = false;

  constructor(deps: EdgeSessionDeps) {
    this.#deps = deps;
  }

  readonly handle: EdgeRequestHandler = (method, data) => {
    if (!this.#isProved && method !== 'prove') throw new Error('prove first that you know the secret of the cluster');
    return this.#handlers[method](data);
  };

  close(): void {
    this.#closed = true;
    for (const { media } of this.#rooms.values()) media.router.close();
    this.#rooms.clear();
  }

  readonly #handlers: Handlers = {
    prove: async ({ proof }) => {
      if (!this.#deps.isProof(proof)) throw new Error('this is no node of the cluster');
      if (!this.#isProved) this.#deps.proved();
      this.#isProved = true;
      return {};
    },

    'router.open': async ({ router: id, worker, pipe: theirs }) => {
      const media = await this.#deps.workers.createRouterOn(worker);
      const { router } = media;
      try {
        const pipe = await openPipeTransport(router, this.#deps.pipeAddress);
        await pipe.connect(theirs);
        const direct = await router.createDirectTransport();
        if (this.#closed) throw new Error('the connection to the origin has ended');
        this.#rooms.set(id, { media, pipe, direct, tracks: new Map(), captions: new Map() });
        router.once('workerclose', () => {
          this.#rooms.delete(id);
          this.#deps.notify({ event: 'router.closed', router: id });
        });
        return pipeEndOf(pipe, this.#deps.pipeAddress);
      } catch (error) {
        router.close();
        throw error;
      }
    },
    'router.close': async ({ router }) => {
      this.#rooms.get(router)?.media.router.close();
      this.#rooms.delete(router);
      return {};
    },

    'track.open': async ({ router, producerId: id, kind, rtpParameters, paused }) => {
      const { pipe, tracks } = this.#room(router);
      const track = await pipe.produce({ id, kind, rtpParameters: rtpParametersOf(rtpParameters), paused });
      keep(tracks, track);
      return {};
    },
    'track.setPaused': async ({ router, producerId, paused }) => {
      const track = found(this.#room(router).tracks, producerId);
      await (paused ? track.pause() : track.resume());
      return {};
    },
    'track.close': async ({ router, producerId }) => {
      this.#rooms.get(router)?.tracks.get(producerId)?.close();
      return {};
    },

    'captions.open': async ({ router, id, label, protocol }) => {
      const { direct, captions } = this.#room(router);
      keep(captions, await direct.produceData({ id, label, protocol }));
      return {};
    },
    'captions.send': async ({ router, id, message, ppid }) => {
      found(this.#room(router).captions, id).send(Buffer.from(message), ppid);
      return {};
    },
    'captions.close': async ({ router, id }) => {
      this.#rooms.get(router)?.captions.get(id)?.close();
      return {};
    },

    'transport.open': async ({ router }) => {
      const room = this.#room(router);
      const transport = await openWebRtcTransport(room.media);
      const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
      if (!sctpParameters) throw new Error('a transport was made without SCTP');
      keep(this.#transports, transport);
      this.#roomOfTransport.set(transport, room);
      transport.observer.once('close', () => this.#deps.notify({ event: 'transport.closed', transport: id }));
      return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters };
    },
    'transport.connect': async ({ transport, dtlsParameters }) => {
      await found(this.#transports, transport).connect({ dtlsParameters: dtlsParametersOf(dtlsParameters) });
      return {};
    },
    'transport.restartIce': ({ transport }) => found(this.#transports, transport).restartIce(),
    'transport.close': async ({ transport }) => {
      this.#transports.get(transport)?.close();
      return {};
    },

    'consumer.open': async ({ transport: transportId, producerId, rtpCapabilities: given }) => {
      const transport = found(this.#transports, transportId);
      const rtpCapabilities = rtpCapabilitiesOf(given);
      if (!this.#roomOfTransport.get(transport)?.media.router.canConsume({ producerId, rtpCapabilities }))
        throw new Error('your RTP capabilities have no codec in common with this producer');
      const consumer = await transport.consume({ producerId, rtpCapabilities, paused: true, enableRtx: true });
      keep(this.#consumers, consumer);
      const { id, kind, rtpParameters, producerPaused } = consumer;
      return { id, kind, rtpParameters, producerPaused };
    },
    'consumer.pause': async ({ consumer }) => {
      await found(this.#consumers, consumer).pause();
      return {};
    },
    'consumer.resume': async ({ consumer }) => {
      await found(this.#consumers, consumer).resume();
      return {};
    },
    'consumer.setPreferredLayers': async ({ consumer, spatialLayer }) => {
      await found(this.#consumers, consumer).setPreferredLayers({ spatialLayer });
      return {};
    },
    'consumer.close': async ({ consumer }) => {
      this.#consumers.get(consumer)?.close();
      return {};
    },

    'dataConsumer.open': async ({ transport, dataProducerId }) => {
      const consumer = await found(this.#transports, transport).consumeData({ dataProducerId, paused: true });
      keep(this.#dataConsumers, consumer);
      const { id, sctpStreamParameters, label, protocol } = consumer;
      return { id, sctpStreamParameters, label, protocol };
    },
    'dataConsumer.resume': async ({ dataConsumer }) => {
      await found(this.#dataConsumers, dataConsumer).resume();
      return {};
    },
    'dataConsumer.send': async ({ dataConsumer, message }) => {
      await found(this.#dataConsumers, dataConsumer).send(message);
      return {};
    },
    'dataConsumer.close': async ({ dataConsumer }) => {
      this.#dataConsumers.get(dataConsumer)?.close();
      return {};
    },
  };

  #room(id: string): EdgeRoom {
    return found(this.#rooms, id);
  }
}

interface Kept {
  readonly id: string;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

/** Keeps something as long as it is open. */
function keep<T extends Kept>(all: Map<string, T>, one: T): void {
  all.set(one.id, one);
  one.observer.once('close', () => all.delete(one.id));
}

function found<T>(all: ReadonlyMap<string, T>, id: string): T {
  const one = all.get(id);
  if (one === undefined) throw new Error(`there is no ${id} on this edge node: it may just have closed`);
  return one;
}
