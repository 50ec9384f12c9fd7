/**
 * The media of one room's router, for the interpreter. Packets go between the media worker and the interpreter's thread, over a
 * `PlainTransport` on 127.0.0.1 that the thread has asked for and that belongs to whoever has opened it; captions are produced on a
 * `DirectTransport`, which this owns. One that somebody else closes is replaced when the next captions are published.
 *
 * Hard requirements: no RTP passes through the host's thread, and nobody else produces in the interpreter's name on this router.
 */
import type {
  Consumer,
  DataProducer,
  DirectTransport,
  PlainTransport,
  Producer,
  Router,
  RtpCapabilities,
  RtpCodecCapability,
  Transport,
} from 'mediasoup/types';
import { AUDIO_LEVEL_URI } from '../../rtp/header-extensions.ts';
import { BoothError } from '../booth-error.ts';
import type { OfferedRole } from './room-options.ts';
import { LOOPBACK, type ReceivedFormat } from './thread-messages.ts';

/** Marks transports for hosts that watch those of their routers. */
const appData = { booth: { role: 'transport' } };

/**
 * Where the media worker listens. The ports lie above those that a worker takes by default and that Linux gives out by itself, and do not depend
 * on the host's `rtcMinPort` and `rtcMaxPort`: nothing from outside comes there.
 */
const listenInfo = { protocol: 'udp', ip: LOOPBACK, portRange: { min: 61_000, max: 65_535 } } as const;

export class RouterMedia {
  readonly #router: Router;
  #captions: Promise<DirectTransport> | undefined;
  #closed = false;
  #stopWatching = (): void => {};

  private constructor(router: Router) {
    this.#router = router;
  }

  /**
   * @param onImpostor called when somebody else has produced in the interpreter's name, which was taken from them
   * @throws {BoothError} `routerClosed`, `noOpus`, and what the router reports
   */
  static async open(router: Router, onImpostor: () => void = () => {}): Promise<RouterMedia> {
    const media = new RouterMedia(router);
    if (router.closed) throw routerClosed();
    opusOf(router);
    media.#watchNames(onImpostor);
    try {
      await media.#openCaptions();
    } catch (error) {
      throw router.closed ? routerClosed(error) : error;
    }
    if (router.closed) throw routerClosed();
    return media;
  }

  /** Whether a producer is on this router. */
  has({ id: producerId }: Producer): boolean {
    try {
      return this.#router.canConsume({ producerId, rtpCapabilities: this.#router.rtpCapabilities });
    } catch {
      return false;
    }
  }

  /** Opens a transport to a socket on this computer, and to nobody else. @param port the socket's */
  async connect(port: number): Promise<PlainTransport> {
    const transport = await this.#router.createPlainTransport({ listenInfo, rtcpMux: true, comedia: false, appData });
    try {
      await transport.connect({ ip: LOOPBACK, port });
      return transport;
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /** Receives a producer's packets. @param paused none come before the consumer is resumed */
  receive(transport: PlainTransport, producerId: string, paused: boolean): Promise<Consumer> {
    const rtpCapabilities = receivable(this.#router.rtpCapabilities);
    return transport.consume({ producerId, rtpCapabilities, paused, ignoreDtx: true });
  }

  /** Publishes translated speech, as Opus, whose packets come with this SSRC and the payload type of the producer's only codec. */
  publishChannel(
    transport: PlainTransport,
    ssrc: number,
    booth: OfferedRole,
  ): Promise<Producer<{ booth: OfferedRole }>> {
    const { preferredPayloadType: payloadType = 100, clockRate, channels = 2 } = opusOf(this.#router);
    const codec = {
      mimeType: 'audio/opus',
      payloadType,
      clockRate,
      channels,
      parameters: { useinbandfec: 1, usedtx: 1 },
    };
    return transport.produce<{ booth: OfferedRole }>({
      kind: 'audio',
      rtpParameters: { codecs: [codec], encodings: [{ ssrc, dtx: true }], rtcp: { cname: booth.interpreter } },
      appData: { booth },
    });
  }

  /** Publishes captions, as texts. */
  async publishCaptions(label: string, booth: OfferedRole): Promise<DataProducer<{ booth: OfferedRole }>> {
    const transport = await this.#openCaptions();
    return transport.produceData<{ booth: OfferedRole }>({ label, appData: { booth } });
  }

  /** Pages know the interpreter by `appData.booth`, and the `appData` of a producer often is what a client has sent. */
  #watchNames(onImpostor: () => void): void {
    const watch = (transport: Transport) => {
      if (transport.appData === appData) return;
      const check = (produced: Pick<Producer, 'appData'>) => {
        if (this.#closed || produced.appData.booth === undefined) return;
        const { booth: _, ...own } = produced.appData;
        produced.appData = own;
        onImpostor();
      };
      transport.observer.on('newproducer', check);
      transport.observer.on('newdataproducer', check);
    };
    this.#router.observer.on('newtransport', watch);
    this.#stopWatching = () => this.#router.observer.off('newtransport', watch);
  }

  /** Closes the captions; nothing is published any more. */
  close(): void {
    this.#closed = true;
    this.#stopWatching();
    this.#captions?.then((transport) => transport.close()).catch(() => {});
  }

  #openCaptions(): Promise<DirectTransport> {
    if (this.#closed) return Promise.reject(new Error('the room is closed'));
    const opening = this.#captions ?? this.#router.createDirectTransport({ appData });
    this.#captions = opening;
    const forget = () => {
      if (this.#captions === opening) this.#captions = undefined;
    };
    opening.then((transport) => {
      if (transport.closed) forget();
      else transport.observer.once('close', forget);
    }, forget);
    return opening;
  }
}

/** How the packets of a consumer are told from others, and read. */
export function formatOf({ rtpParameters }: Consumer): ReceivedFormat {
  const { codecs, encodings = [], headerExtensions = [] } = rtpParameters;
  const [codec] = codecs;
  const [encoding] = encodings;
  // `S3T3` and `L3T3_KEY` are three spatial layers.
  const [, layers = '1'] = /^[LS](\d+)T/.exec(encoding?.scalabilityMode ?? '') ?? [];
  return {
    ssrc: encoding?.ssrc ?? 0,
    payloadType: codec?.payloadType ?? 0,
    audioLevelId: headerExtensions.find(({ uri }) => uri === AUDIO_LEVEL_URI)?.id,
    mimeType: codec?.mimeType ?? '',
    spatialLayers: Number(layers),
  };
}

const routerClosed = (cause?: unknown): BoothError =>
  new BoothError('routerClosed', 'the router is closed: interpret a router that is open', { cause });

/** The Opus of a router. @throws {BoothError} `noOpus` */
function opusOf({ rtpCapabilities }: Router): RtpCodecCapability {
  const opus = rtpCapabilities.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus');
  if (opus) return opus;
  throw new BoothError(
    'noOpus',
    'the router does not offer Opus, which the interpreter hears and speaks: create it with { kind: "audio", mimeType: "audio/opus", clockRate: 48000, channels: 2 } among its mediaCodecs',
  );
}

/**
 * What the interpreter receives: all that the router has, without what is for networks that lose packets or are slow. A bandwidth estimation without
 * anybody's answers would hold back a video's larger layers.
 */
function receivable({ codecs = [], headerExtensions = [] }: RtpCapabilities): RtpCapabilities {
  return {
    codecs: codecs
      .filter(({ mimeType }) => !/\/rtx$/i.test(mimeType))
      .map((codec) => ({
        ...codec,
        rtcpFeedback: codec.rtcpFeedback?.filter(({ type, parameter }) => type === 'ccm' || parameter === 'pli') ?? [],
      })),
    headerExtensions: headerExtensions.filter(({ uri }) => uri === AUDIO_LEVEL_URI),
  };
}
