/**
 * A room's router on an edge node, as the room sees it: like one on a media worker of this machine. What listeners there want is piped
 * to it once; their transports and consumers are where the router is, and are ordered from here.
 */
import { EventEmitter } from 'node:events';
import { ApiError } from '@mediasoup-booth/protocol';
import type {
  Consumer,
  DtlsParameters,
  IceParameters,
  PipeTransport,
  RtpCapabilities,
  RtpParameters,
  SctpStreamParameters,
} from 'mediasoup/types';
import type { CaptionCopy, CaptionsProducer } from '../media/caption-relay.ts';
import { type CountedListener, ListenerLoad } from '../media/listener-load.ts';
import type { ListenerRouter, RoomOrigin } from '../media/piped-router.ts';
import type { NegotiatedTransport, ReceivedCaptions, ReceivedTrack, ReceivingTransport } from '../media/receiving.ts';
import { mediaCall } from '../media/resource-registry.ts';
import { WantedPipes } from '../media/wanted-pipes.ts';
import type { EdgeLink } from './edge-link.ts';
import type { EdgeReply } from './edge-protocol.ts';
import { openPipeTransport, type PipeAddress, pipeEndOf } from './pipe-transport.ts';

export interface EdgeRouterOptions {
  /** Tells it from others of this server. */
  id: string;
  link: EdgeLink;
  /** Which of the edge's media workers it is on. */
  worker: number;
  /** What that worker sends to listeners. */
  load: ListenerLoad;
  origin: RoomOrigin;
  /** Where the origin receives from the pipe. */
  pipeAddress: PipeAddress;
  /** Called once, when it has closed or could not be opened. */
  closed(): void;
}

export class EdgeRouter implements ListenerRouter {
  readonly load: ListenerLoad;
  readonly #options: EdgeRouterOptions;
  readonly #opened: Promise<PipeTransport>;
  readonly #tracks: WantedPipes<Consumer>;
  readonly #captions: WantedPipes<CaptionCopy>;
  readonly #transports = new Map<string, EdgeTransport>();
  #closed = false;

  constructor(options: EdgeRouterOptions) {
    this.#options = options;
    this.load = new ListenerLoad(options.load);
    this.#tracks = new WantedPipes(options.origin.clock);
    this.#captions = new WantedPipes(options.origin.clock);
    this.#opened = this.#open();
    this.#opened.catch(() => this.close());
  }

  get id(): string {
    return this.#options.id;
  }

  get pipes(): number {
    return this.#tracks.size + this.#captions.size;
  }

  async openTransport(): Promise<ReceivingTransport> {
    // Counted before it is opened, so that listeners who come at the same time are spread.
    const listener = this.load.add();
    try {
      await this.#opened;
      const { link, id: router } = this.#options;
      const opened = await link.request('transport.open', { router });
      const transport = new EdgeTransport(opened, { link, listener, router: this });
      this.#transports.set(transport.id, transport);
      transport.observer.once('close', () => {
        this.#transports.delete(transport.id);
        listener.left();
      });
      if (this.#closed) transport.lose();
      return transport;
    } catch (error) {
      listener.left();
      throw error;
    }
  }

  /** Brings a track to the edge. @returns to be called when it is no longer wanted */
  wantTrack(producerId: string): Promise<() => void> {
    const { link, id: router } = this.#options;
    return this.#tracks.want(producerId, async () => {
      const pipe = await this.#opened;
      const consumer = await pipe.consume({ producerId });
      const setPaused = (paused: boolean) => link.send('track.setPaused', { router, producerId, paused });
      consumer.observer.on('pause', () => setPaused(true));
      consumer.observer.on('resume', () => setPaused(false));
      consumer.observer.once('close', () => {
        link.send('track.close', { router, producerId });
        this.#ended(producerId);
      });
      const { kind, rtpParameters, producerPaused: paused } = consumer;
      try {
        await link.request('track.open', { router, producerId, kind, rtpParameters, paused });
      } catch (error) {
        consumer.close();
        throw error;
      }
      if (consumer.closed) throw new Error('this track has just ended');
      // It may have changed meanwhile, before there was anything at the edge that could be paused.
      if (consumer.producerPaused !== paused) setPaused(consumer.producerPaused);
      return consumer;
    });
  }

  /** Repeats a caption channel on the edge. @returns to be called when it is no longer wanted */
  wantCaptions(captions: CaptionsProducer): Promise<() => void> {
    const { link, id: router, origin } = this.#options;
    const { id, label, protocol } = captions;
    return this.#captions.want(id, async () => {
      await this.#opened;
      await link.request('captions.open', { router, id, label, protocol });
      const copy = new EdgeCaptionCopy(id, router, link);
      copy.observer.once('close', () => this.#ended(id));
      if (captions.closed) {
        copy.close();
        throw new Error('these captions have just ended');
      }
      origin.copies.add(copy);
      return copy;
    });
  }

  /** A listener's connection has ended. */
  transportClosed(id: string): void {
    this.#transports.get(id)?.ended();
  }

  /** The edge, or its media worker, has ended: whoever receives from it is told. */
  lose(): void {
    const transports = [...this.#transports.values()];
    this.close();
    for (const transport of transports) transport.lose();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#tracks.clear();
    this.#captions.clear();
    this.#options.link.send('router.close', { router: this.id });
    // It may be being opened still, or have failed to.
    this.#opened.then((pipe) => pipe.close()).catch(() => {});
    this.#options.closed();
  }

  /** A track or a caption channel is not at the edge any more, nor what its receivers had of it. */
  #ended(id: string): void {
    for (const transport of this.#transports.values()) transport.sourceEnded(id);
  }

  async #open(): Promise<PipeTransport> {
    const { link, id: router, worker, origin, pipeAddress } = this.#options;
    const pipe = await openPipeTransport(origin.router, pipeAddress);
    try {
      const end = await link.request('router.open', { router, worker, pipe: pipeEndOf(pipe, pipeAddress) });
      await pipe.connect(end);
      if (this.#closed) pipe.close();
      return pipe;
    } catch (error) {
      pipe.close();
      throw error;
    }
  }
}

interface EdgeTransportDeps {
  link: EdgeLink;
  listener: CountedListener;
  router: EdgeRouter;
}

class EdgeTransport implements ReceivingTransport {
  readonly id: string;
  readonly observer = new EventEmitter();
  readonly negotiated: NegotiatedTransport;
  readonly #deps: EdgeTransportDeps;
  readonly #received = new Set<EdgeReceived>();
  #onLost: () => void = () => {};
  #isLost = false;
  #closed = false;

  constructor({ dtlsParameters, ...opened }: EdgeReply<'transport.open'>, deps: EdgeTransportDeps) {
    const { id } = opened;
    const { link } = deps;
    this.id = id;
    this.#deps = deps;
    this.negotiated = {
      ...opened,
      dtlsParameters: dtlsParameters as DtlsParameters,
      connect: async ({ dtlsParameters: theirs }: { dtlsParameters: DtlsParameters }) => {
        await link.request('transport.connect', { transport: id, dtlsParameters: theirs });
      },
      restartIce: (): Promise<IceParameters> => link.request('transport.restartIce', { transport: id }),
    };
  }

  onLost(listener: () => void): void {
    this.#onLost = listener;
    if (this.#isLost) listener();
  }

  lose(): void {
    if (this.#closed || this.#isLost) return;
    this.#isLost = true;
    this.ended();
    this.#onLost();
  }

  close(): void {
    if (this.#closed) return;
    this.#deps.link.send('transport.close', { transport: this.id });
    this.ended();
  }

  /** It has ended where it is. */
  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const received of [...this.#received]) received.ended();
    this.observer.emit('close');
  }

  sourceEnded(id: string): void {
    for (const received of [...this.#received]) if (received.source === id) received.sourceEnded();
  }

  async receive(producerId: string, rtpCapabilities: RtpCapabilities): Promise<ReceivedTrack> {
    const { link, listener, router } = this.#deps;
    const release = await mediaCall(() => router.wantTrack(producerId));
    try {
      const request = { transport: this.id, producerId, rtpCapabilities };
      const opened = await mediaCall(() => link.request('consumer.open', request));
      const track = new EdgeTrack(opened, producerId, link);
      const left = listener.consuming();
      this.#add(track, () => {
        left();
        release();
      });
      return track;
    } catch (error) {
      release();
      throw error;
    }
  }

  async receiveCaptions(captions: CaptionsProducer): Promise<ReceivedCaptions> {
    const { link, router } = this.#deps;
    const release = await mediaCall(() => router.wantCaptions(captions));
    try {
      const request = { transport: this.id, dataProducerId: captions.id };
      const opened = await mediaCall(() => link.request('dataConsumer.open', request));
      const received = new EdgeCaptions(opened, captions.id, link);
      this.#add(received, release);
      return received;
    } catch (error) {
      release();
      throw error;
    }
  }

  #add(received: EdgeReceived, closed: () => void): void {
    this.#received.add(received);
    received.observer.once('close', () => {
      this.#received.delete(received);
      closed();
    });
    if (!this.#closed) return;
    received.ended();
    throw new ApiError('unavailable', 'the transport has just closed');
  }
}

/** A consumer of either kind at the edge. It closes once, with its transport or with what it receives. */
abstract class EdgeReceived extends EventEmitter {
  readonly observer = new EventEmitter();
  /** The producer, or data producer. */
  readonly source: string;
  protected readonly link: EdgeLink;
  #closed = false;

  constructor(source: string, link: EdgeLink) {
    super();
    this.source = source;
    this.link = link;
  }

  close(): void {
    if (this.#closed) return;
    this.closeAtEdge();
    this.ended();
  }

  ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.observer.emit('close');
  }

  sourceEnded(): void {
    if (this.#closed) return;
    this.ended();
    this.emit(this.sourceEvent);
  }

  protected abstract readonly sourceEvent: 'producerclose' | 'dataproducerclose';
  protected abstract closeAtEdge(): void;
}

class EdgeTrack extends EdgeReceived implements ReceivedTrack {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly rtpParameters: RtpParameters;
  readonly producerPaused: boolean;
  protected readonly sourceEvent = 'producerclose';

  constructor(
    { id, kind, rtpParameters, producerPaused }: EdgeReply<'consumer.open'>,
    producerId: string,
    link: EdgeLink,
  ) {
    super(producerId, link);
    this.id = id;
    this.kind = kind;
    this.rtpParameters = rtpParameters as RtpParameters;
    this.producerPaused = producerPaused;
  }

  get producerId(): string {
    return this.source;
  }

  async pause(): Promise<void> {
    await this.link.request('consumer.pause', { consumer: this.id });
  }

  async resume(): Promise<void> {
    await this.link.request('consumer.resume', { consumer: this.id });
  }

  async setPreferredLayers({ spatialLayer }: { spatialLayer: number }): Promise<void> {
    await this.link.request('consumer.setPreferredLayers', { consumer: this.id, spatialLayer });
  }

  protected closeAtEdge(): void {
    this.link.send('consumer.close', { consumer: this.id });
  }
}

class EdgeCaptions extends EdgeReceived implements ReceivedCaptions {
  readonly id: string;
  readonly label: string;
  readonly protocol: string;
  readonly sctpStreamParameters: SctpStreamParameters;
  paused = true;
  protected readonly sourceEvent = 'dataproducerclose';

  constructor(
    { id, label, protocol, sctpStreamParameters }: EdgeReply<'dataConsumer.open'>,
    dataProducerId: string,
    link: EdgeLink,
  ) {
    super(dataProducerId, link);
    this.id = id;
    this.label = label;
    this.protocol = protocol;
    this.sctpStreamParameters = sctpStreamParameters as SctpStreamParameters;
  }

  get dataProducerId(): string {
    return this.source;
  }

  async resume(): Promise<void> {
    this.paused = false;
    await this.link.request('dataConsumer.resume', { dataConsumer: this.id });
  }

  async send(message: string): Promise<void> {
    this.link.send('dataConsumer.send', { dataConsumer: this.id, message });
  }

  protected closeAtEdge(): void {
    this.link.send('dataConsumer.close', { dataConsumer: this.id });
  }
}

class EdgeCaptionCopy implements CaptionCopy {
  readonly id: string;
  readonly observer = new EventEmitter();
  readonly #router: string;
  readonly #link: EdgeLink;
  #closed = false;

  constructor(id: string, router: string, link: EdgeLink) {
    this.id = id;
    this.#router = router;
    this.#link = link;
  }

  send(message: Buffer, ppid: number): void {
    this.#link.send('captions.send', { router: this.#router, id: this.id, message: message.toString(), ppid });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#link.send('captions.close', { router: this.#router, id: this.id });
    this.observer.emit('close');
  }
}
