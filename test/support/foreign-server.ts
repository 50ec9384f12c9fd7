/**
 * A mediasoup server that knows nothing of Booth, with one room: its signalling is a call whose arguments and answers are JSON, over which a
 * client pulls consumers, or is pushed them as by mediasoup-demo. What its guest publishes is received there.
 */
import type {
  Consumer,
  DataProducer,
  DataProducerOptions,
  DirectTransport,
  IceCandidate,
  Producer,
  ProducerOptions,
  Router,
  RtpCapabilities,
  TransportListenInfo,
  WebRtcTransport,
} from 'mediasoup/types';
import type { JoinRoom, RemoteConsumer, RemoteLink, RemotePerson, RemoteRoom } from '../../bot/room/remote-room.ts';
import { MediaRelay } from './relay.ts';

type Listen = readonly Pick<TransportListenInfo, 'protocol' | 'ip'>[];

export interface ForeignServerOptions {
  router: Router;
  /** Consumers are pushed, of all that people produce. Default: they are pulled. */
  pushes?: boolean;
  /** Guests say what they can receive when they join, and not when they have transports. */
  asksFirst?: boolean;
  listen?: Listen;
  enableSctp?: boolean;
}

export interface Published {
  role: string;
  language: string;
  packets: number;
  texts: string[];
}

export class ForeignServer {
  readonly people = new Map<string, RemotePerson>();
  /** What guests have published, in this order, those who have left included. */
  readonly published: Published[] = [];
  joins = 0;
  iceRestarts = 0;
  /** Of the guest who is there: what the server sends, and whether it is paused. */
  readonly consumers = new Map<string, Consumer>();
  /** Nothing gets through in either direction of the guest's media. */
  isMediaLost = false;
  /** Fails the next joins with this. */
  refusal: Error | undefined;
  readonly #options: ForeignServerOptions;
  readonly #direct: DirectTransport;
  readonly #producing: { personId: string; producer: Producer }[] = [];
  #guest: Guest | undefined;

  static async open(options: ForeignServerOptions): Promise<ForeignServer> {
    return new ForeignServer(options, await options.router.createDirectTransport());
  }

  private constructor(options: ForeignServerOptions, direct: DirectTransport) {
    this.#options = options;
    this.#direct = direct;
  }

  /** Somebody is there, or has changed. */
  set(person: RemotePerson): void {
    this.people.set(person.id, person);
    this.#guest?.link.changed();
  }

  /** Somebody produces. */
  async produces(personId: string, producer: Producer): Promise<void> {
    this.#producing.push({ personId, producer });
    const person = this.people.get(personId) ?? { id: personId };
    // A server that pushes tells of producers by their consumers alone.
    if (!this.#options.pushes) {
      const producers = [...(person.producers ?? []), { id: producer.id, kind: producer.kind }];
      this.set({ ...person, producers });
    }
    await this.#guest?.push(personId, producer);
  }

  readonly join: JoinRoom = async (link) => {
    this.joins++;
    if (this.refusal) throw this.refusal;
    const guest = new Guest(this, link, this.#options);
    this.#guest = guest;
    if (this.#options.asksFirst) guest.rtpCapabilities = await this.#capabilitiesOf(link);
    return guest.room();
  };

  async #capabilitiesOf(link: RemoteLink): Promise<RtpCapabilities> {
    const { rtpCapabilities, sctpCapabilities } = await link.capabilities(wire(this.#options.router.rtpCapabilities));
    if (sctpCapabilities.numStreams.OS < 1) throw new Error('no SCTP');
    return wire(rtpCapabilities);
  }

  /** The guest's socket closes, as when the network is gone. */
  cut(): void {
    this.#guest?.link.ended('the socket was closed');
  }

  left(guest: Guest): void {
    if (this.#guest === guest) this.#guest = undefined;
    this.consumers.clear();
  }

  /** What people produce now. */
  get producing(): { personId: string; producer: Producer }[] {
    return this.#producing.filter(({ producer }) => !producer.closed);
  }

  async receive(producer: Producer): Promise<void> {
    const published = this.#note(producer.appData);
    const { rtpCapabilities } = this.#options.router;
    const consumer = await this.#direct.consume({ producerId: producer.id, rtpCapabilities });
    consumer.on('rtp', () => published.packets++);
  }

  async receiveData(producer: DataProducer): Promise<void> {
    const published = this.#note(producer.appData);
    const consumer = await this.#direct.consumeData({ dataProducerId: producer.id });
    consumer.on('message', (message) => published.texts.push(message.toString()));
  }

  #note(appData: Producer['appData']): Published {
    const { role, language } = appData.booth as { role: string; language: string };
    const published: Published = { role, language, packets: 0, texts: [] };
    this.published.push(published);
    return published;
  }
}

/** One connection of a guest. */
class Guest {
  readonly link: RemoteLink;
  readonly transports = new Map<string, WebRtcTransport>();
  readonly #server: ForeignServer;
  readonly #options: ForeignServerOptions;
  readonly #relays: MediaRelay[] = [];
  #recv: WebRtcTransport | undefined;
  rtpCapabilities: RtpCapabilities | undefined;

  constructor(server: ForeignServer, link: RemoteLink, options: ForeignServerOptions) {
    this.#server = server;
    this.link = link;
    this.#options = options;
  }

  room(): RemoteRoom {
    const {
      router,
      pushes = false,
      listen = [{ protocol: 'udp', ip: '127.0.0.1' }],
      enableSctp = true,
    } = this.#options;
    const pushed: Partial<RemoteRoom> = {
      enter: async ({ rtpCapabilities }) => {
        this.rtpCapabilities ??= wire<RtpCapabilities>(rtpCapabilities);
        for (const { personId, producer } of this.#server.producing) await this.push(personId, producer);
      },
    };
    const pulled: Partial<RemoteRoom> = {
      consume: async ({ transportId, producerId, rtpCapabilities }) => {
        const request = wire<{ rtpCapabilities: RtpCapabilities }>({ rtpCapabilities });
        return this.#consume(this.#transport(transportId), producerId, request.rtpCapabilities);
      },
      closeConsumer: (id) => this.#consumer(id).close(),
    };
    return {
      ...(pushes ? pushed : pulled),
      routerRtpCapabilities: wire(router.rtpCapabilities),
      people: () => this.#server.people.values(),
      createTransport: async ({ direction, sctpCapabilities }) => {
        const transport = await router.createWebRtcTransport({
          listenInfos: [...listen],
          // As servers do that enable SCTP only for who says how many streams they have.
          ...(enableSctp && { enableSctp: sctpCapabilities.numStreams.OS > 0 }),
        });
        this.transports.set(transport.id, transport);
        if (direction === 'recv') this.#recv = transport;
        const { id, iceParameters, dtlsParameters, sctpParameters } = transport;
        const iceCandidates = await Promise.all(transport.iceCandidates.map((one) => this.#relayed(one)));
        return wire({ id, iceParameters, iceCandidates, dtlsParameters, sctpParameters });
      },
      connectTransport: (id, dtlsParameters) => this.#transport(id).connect(wire({ dtlsParameters })),
      restartIce: async (id) => {
        this.#server.iceRestarts++;
        return wire(await this.#transport(id).restartIce());
      },
      produce: async ({ transportId, ...options }) => {
        const producer = await this.#transport(transportId).produce(wire<ProducerOptions>(options));
        await this.#server.receive(producer);
        return producer.id;
      },
      produceData: async ({ transportId, ...options }) => {
        const producer = await this.#transport(transportId).produceData(wire<DataProducerOptions>(options));
        await this.#server.receiveData(producer);
        return producer.id;
      },
      pauseConsumer: (id) => this.#consumer(id).pause(),
      resumeConsumer: (id) => this.#consumer(id).resume(),
      close: () => {
        for (const transport of this.transports.values()) transport.close();
        for (const relay of this.#relays) relay.close();
        this.#server.left(this);
      },
    };
  }

  /** Makes a consumer without being asked, and starts it once the guest knows of it. */
  async push(personId: string, producer: Producer): Promise<void> {
    if (!this.#options.pushes || !this.#recv || !this.rtpCapabilities) return;
    const offered = await this.#consume(this.#recv, producer.id, this.rtpCapabilities);
    this.link.consumer({ ...offered, personId });
    await this.#consumer(offered.id).resume();
  }

  /** A candidate in whose place a relay stands, which can lose what passes. Over IPv6 there is none. */
  async #relayed(candidate: IceCandidate): Promise<IceCandidate> {
    if (candidate.ip !== '127.0.0.1') return candidate;
    const fate = () => (this.#server.isMediaLost ? undefined : 0);
    const { ip: address, port } = candidate;
    const relay = await MediaRelay.start({ address, port }, { fate, fateOfSent: fate, onSent() {} });
    this.#relays.push(relay);
    return { ...candidate, port: relay.port };
  }

  async #consume(transport: WebRtcTransport, producerId: string, rtpCapabilities: RtpCapabilities) {
    const consumer = await transport.consume({ producerId, rtpCapabilities, paused: true });
    this.#server.consumers.set(consumer.id, consumer);
    consumer.observer.once('close', () => this.#server.consumers.delete(consumer.id));
    consumer.on('producerclose', () => this.link.consumerClosed(consumer.id));
    const { id, kind, rtpParameters } = consumer;
    return wire<RemoteConsumer>({ id, producerId, kind, rtpParameters });
  }

  #transport(id: string): WebRtcTransport {
    const transport = this.transports.get(id);
    if (!transport) throw new Error(`no transport ${id}`);
    return transport;
  }

  #consumer(id: string): Consumer {
    const consumer = this.#server.consumers.get(id);
    if (!consumer) throw new Error(`no consumer ${id}`);
    return consumer;
  }
}

/** What comes out at the other end of a socket. mediasoup and its client name the same shapes differently. */
const wire = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T;
