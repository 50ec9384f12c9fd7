/**
 * The media of one room's router, for the interpreter: what it receives is consumed, and what it publishes is produced, on a
 * `DirectTransport`, without any network. Owns that transport; one that somebody else closes is replaced when the next thing is opened.
 */
import { randomInt } from 'node:crypto';
import type {
  Consumer,
  DataProducer,
  DirectTransport,
  Producer,
  Router,
  RtpCodecCapability,
  RtpHeaderExtensionParameters,
} from 'mediasoup/types';
import { AUDIO_LEVEL_URI } from '../../rtp/header-extensions.ts';
import { BoothError } from '../booth-error.ts';
import type { OfferedRole } from './room-options.ts';
import { parseRtpPacket, type RtpPacket, writeRtpPacket } from './rtp-packet.ts';

/** Marks the transport for hosts that watch their router's transports. */
const appData = { booth: { role: 'transport' } };

export interface ReceivedStream {
  readonly mimeType: string;
  readonly spatialLayers: number;
  resume(): Promise<void>;
  pause(): Promise<void>;
  prefer(spatialLayer: number): Promise<void>;
  requestKeyFrame(): void;
  close(): void;
}

export interface StreamEvents {
  onPacket(packet: RtpPacket): void;
  /** It has closed by itself, as with its producer. */
  onClosed(): void;
}

export interface ChannelProducer {
  readonly producer: Producer<{ booth: OfferedRole }>;
  /** Sends an Opus packet; the timestamp is in 48 kHz units. */
  write(payload: Uint8Array, timestamp: number, marker: boolean): void;
}

export class RouterMedia {
  readonly #router: Router;
  #transport: Promise<DirectTransport> | undefined;
  #closed = false;

  private constructor(router: Router) {
    this.#router = router;
  }

  /** @throws {BoothError} `routerClosed`, `noOpus`, and what the router reports */
  static async open(router: Router): Promise<RouterMedia> {
    const media = new RouterMedia(router);
    if (router.closed) throw routerClosed();
    opusOf(router);
    try {
      await media.#openTransport();
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

  /** Receives a producer's packets. @param paused none come before `resume` */
  async receive(producerId: string, paused: boolean, { onPacket, onClosed }: StreamEvents): Promise<ReceivedStream> {
    const transport = await this.#openTransport();
    const { rtpCapabilities } = this.#router;
    const consumer = await transport.consume({ producerId, rtpCapabilities, paused, ignoreDtx: true });
    const codec = consumer.rtpParameters.codecs[0];
    const levelId = extensionId(consumer.rtpParameters.headerExtensions, AUDIO_LEVEL_URI);
    consumer.on('rtp', (bytes) => {
      const packet = parseRtpPacket(bytes, levelId);
      // Probes and padding carry nothing, and retransmissions come under another payload type.
      if (packet && packet.payload.length > 0 && packet.payloadType === codec?.payloadType) onPacket(packet);
    });
    consumer.observer.once('close', onClosed);
    return {
      mimeType: codec?.mimeType ?? '',
      spatialLayers: spatialLayersOf(consumer),
      resume: () => consumer.resume(),
      pause: () => consumer.pause(),
      prefer: (spatialLayer) => consumer.setPreferredLayers({ spatialLayer }),
      requestKeyFrame: () => void consumer.requestKeyFrame().catch(() => {}),
      close: () => consumer.close(),
    };
  }

  /** Publishes translated speech, as Opus. */
  async publishChannel(booth: OfferedRole): Promise<ChannelProducer> {
    const transport = await this.#openTransport();
    const { preferredPayloadType: payloadType = 100, clockRate, channels = 2 } = opusOf(this.#router);
    const ssrc = randomInt(1, 2 ** 32);
    const codec = {
      mimeType: 'audio/opus',
      payloadType,
      clockRate,
      channels,
      parameters: { useinbandfec: 1, usedtx: 1 },
    };
    const producer = await transport.produce<{ booth: OfferedRole }>({
      kind: 'audio',
      rtpParameters: { codecs: [codec], encodings: [{ ssrc, dtx: true }], rtcp: { cname: booth.interpreter } },
      appData: { booth },
    });
    let sequenceNumber = randomInt(2 ** 15);
    const write = (payload: Uint8Array, timestamp: number, marker: boolean) => {
      if (producer.closed) return;
      producer.send(writeRtpPacket({ ssrc, payloadType, sequenceNumber, timestamp, marker, payload }));
      sequenceNumber = (sequenceNumber + 1) % 2 ** 16;
    };
    return { producer, write };
  }

  /** Publishes captions, as texts. */
  async publishCaptions(label: string, booth: OfferedRole): Promise<DataProducer<{ booth: OfferedRole }>> {
    const transport = await this.#openTransport();
    return transport.produceData<{ booth: OfferedRole }>({ label, appData: { booth } });
  }

  /** Closes all that was opened. */
  close(): void {
    this.#closed = true;
    this.#transport?.then((transport) => transport.close()).catch(() => {});
  }

  #openTransport(): Promise<DirectTransport> {
    if (this.#closed) return Promise.reject(new Error('the room is closed'));
    const opening = this.#transport ?? this.#router.createDirectTransport({ appData });
    this.#transport = opening;
    const forget = () => {
      if (this.#transport === opening) this.#transport = undefined;
    };
    opening.then((transport) => {
      if (transport.closed) forget();
      else transport.observer.once('close', forget);
    }, forget);
    return opening;
  }
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

const extensionId = (extensions: RtpHeaderExtensionParameters[] | undefined, uri: string): number | undefined =>
  extensions?.find((extension) => extension.uri === uri)?.id;

/** `S3T3` and `L3T3_KEY` are three spatial layers. */
function spatialLayersOf({ rtpParameters }: Consumer): number {
  const [, layers = '1'] = /^[LS](\d+)T/.exec(rtpParameters.encodings?.[0]?.scalabilityMode ?? '') ?? [];
  return Number(layers);
}
