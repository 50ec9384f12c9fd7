/**
 * mediasoup-client's handler for a participant without a browser: RTP, RTCP and data channels straight on werift's
 * transports, with no SDP in between. Tracks are `IncomingTrack` and `OutgoingTrack`.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { ortc } from 'mediasoup-client';
import { HandlerInterface } from 'mediasoup-client/handlers/HandlerInterface';
import type {
  HandlerFactory,
  HandlerOptions,
  HandlerReceiveDataChannelOptions,
  HandlerReceiveDataChannelResult,
  HandlerReceiveOptions,
  HandlerReceiveResult,
  HandlerSendDataChannelOptions,
  HandlerSendDataChannelResult,
  HandlerSendOptions,
  HandlerSendResult,
  IceParameters,
  SctpStreamParameters,
} from 'mediasoup-client/types';
import {
  RTCDataChannel,
  RTCDataChannelParameters,
  type RtcpPacket,
  RtcpRrPacket,
  RtcpSrPacket,
  RtpHeader,
  type RtpPacket,
} from 'werift';
import { asMediaStreamTrack, fromMediaStreamTrack, IncomingTrack, OutgoingTrack } from '../track.ts';
import { AUDIO_LEVEL_URI, MID_URI, nativeRtpCapabilities } from './capabilities.ts';
import { ReceiverStatistics, SenderStatistics } from './reports.ts';
import { WeriftTransport } from './transport.ts';

const NAME = 'Werift';
const ONE_BYTE_EXTENSIONS = 0xbede;
const REPORT_INTERVAL_MS = 1000;
/** As many report blocks as the five bits of an RTCP header count. */
const REPORTS_PER_PACKET = 31;
/** mediasoup's bandwidth probe: nothing of it is for us. */
const PROBATOR = 'probator';

interface Sender {
  ssrc: number;
  payloadType: number;
  extensions: { id: number; payload: Buffer }[];
  nextSequenceNumber: number;
  paused: boolean;
  track: OutgoingTrack | undefined;
  statistics: SenderStatistics;
}

interface Receiver {
  ssrc: number;
  track: IncomingTrack;
  audioLevelId: number | undefined;
  statistics: ReceiverStatistics;
}

export function weriftHandlerFactory(): HandlerFactory {
  return {
    name: NAME,
    factory: (options) => new WeriftHandler(options),
    getNativeRtpCapabilities: async () => nativeRtpCapabilities(),
  };
}

class WeriftHandler extends HandlerInterface {
  readonly #options: HandlerOptions;
  readonly #transport: WeriftTransport;
  readonly #cname = randomUUID();
  /** Of our receiver reports, where we send nothing ourselves. */
  readonly #reporterSsrc = randomSsrc();
  readonly #senders = new Map<string, Sender>();
  readonly #receivers = new Map<string, Receiver>();
  readonly #receiverOf = new Map<number, Receiver>();
  #connected: Promise<void> | undefined;
  #reports: NodeJS.Timeout | undefined;
  #nextMid = 0;
  #nextStreamId = 0;
  #closed = false;

  constructor(options: HandlerOptions) {
    super();
    this.#options = options;
    this.#transport = new WeriftTransport(options, {
      state: (state) => {
        if (!this.#closed && state !== 'new') this.emit('@connectionstatechange', state);
      },
      rtp: (packet) => this.#receiveRtp(packet),
      rtcp: (packet) => this.#receiveRtcp(packet),
    });
  }

  override get name(): string {
    return NAME;
  }

  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#reports);
    for (const sender of this.#senders.values()) sender.track?.bind(undefined);
    this.#senders.clear();
    this.#receivers.clear();
    this.#receiverOf.clear();
    this.#transport.close();
    this.emit('@close');
  }

  // Connecting

  /** mediasoup-client asks for its first sending or receiving; the transport connects once, then. */
  #connect(): Promise<void> {
    this.#connected ??= this.#transport
      .connect(
        (dtlsParameters) =>
          new Promise((resolve, reject) => {
            this.safeEmit('@connect', { dtlsParameters }, resolve, reject);
          }),
      )
      .then(() => {
        if (this.#closed) return;
        this.#reports = setInterval(() => this.#sendReports(), REPORT_INTERVAL_MS);
        this.#reports.unref();
      });
    return this.#connected;
  }

  override async restartIce(iceParameters: IceParameters): Promise<void> {
    await this.#transport.restartIce(iceParameters);
  }

  override async updateIceServers(): Promise<void> {}

  override async getTransportStats(): Promise<RTCStatsReport> {
    return report('transport', { refused: this.#transport.refused });
  }

  // Sending

  override async send({ track }: HandlerSendOptions): Promise<HandlerSendResult> {
    const outgoing = outgoingTrack(track);
    await this.#connect();
    const capabilities = this.#options.getSendExtendedRtpCapabilities(nativeRtpCapabilities());
    const rtpParameters = ortc.getSendingRtpParameters(outgoing.kind, capabilities);
    rtpParameters.codecs = ortc.reduceCodecs(rtpParameters.codecs);
    const [codec] = rtpParameters.codecs;
    if (!codec) throw new Error(`the room has no codec for our ${outgoing.kind}`);
    const localId = String(this.#nextMid++);
    const ssrc = randomSsrc();
    rtpParameters.mid = localId;
    rtpParameters.encodings = [{ ssrc }];
    rtpParameters.rtcp = { cname: this.#cname, reducedSize: true };
    const midId = rtpParameters.headerExtensions?.find(({ uri }) => uri === MID_URI)?.id;
    const sender: Sender = {
      ssrc,
      payloadType: codec.payloadType,
      extensions: midId === undefined ? [] : [{ id: midId, payload: Buffer.from(localId) }],
      nextSequenceNumber: randomInt(0x8000),
      paused: false,
      track: undefined,
      statistics: new SenderStatistics(codec.clockRate),
    };
    this.#senders.set(localId, sender);
    this.#bind(sender, outgoing);
    return { localId, rtpParameters };
  }

  #bind(sender: Sender, track: OutgoingTrack | undefined): void {
    sender.track?.bind(undefined);
    sender.track = track;
    track?.bind((payload, timestamp, marker) => {
      if (!sender.paused && this.#transport.isConnected) this.#sendRtp(sender, payload, timestamp, marker);
    });
  }

  #sendRtp(sender: Sender, payload: Uint8Array, timestamp: number, marker: boolean): void {
    const header = new RtpHeader({
      ssrc: sender.ssrc,
      payloadType: sender.payloadType,
      sequenceNumber: sender.nextSequenceNumber,
      timestamp,
      marker,
      extension: sender.extensions.length > 0,
      extensionProfile: ONE_BYTE_EXTENSIONS,
      extensions: sender.extensions,
    });
    sender.nextSequenceNumber = (sender.nextSequenceNumber + 1) & 0xffff;
    sender.statistics.packet(payload.length, timestamp, performance.now());
    this.#transport.sendRtp(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength), header);
  }

  override async stopSending(localId: string): Promise<void> {
    this.#senders.get(localId)?.track?.bind(undefined);
    this.#senders.delete(localId);
  }

  override async pauseSending(localId: string): Promise<void> {
    this.#sender(localId).paused = true;
  }

  override async resumeSending(localId: string): Promise<void> {
    this.#sender(localId).paused = false;
  }

  override async replaceTrack(localId: string, track: MediaStreamTrack | null): Promise<void> {
    this.#bind(this.#sender(localId), track === null ? undefined : outgoingTrack(track));
  }

  override async setMaxSpatialLayer(): Promise<void> {}

  override async setRtpEncodingParameters(): Promise<void> {}

  override async getSenderStats(localId: string): Promise<RTCStatsReport> {
    const { ssrc, statistics } = this.#sender(localId);
    return report('outbound-rtp', { ssrc, packetsSent: statistics.sent });
  }

  #sender(localId: string): Sender {
    const sender = this.#senders.get(localId);
    if (!sender) throw new Error(`nothing is sent as ${localId}`);
    return sender;
  }

  // Receiving

  override async receive(list: HandlerReceiveOptions[]): Promise<HandlerReceiveResult[]> {
    await this.#connect();
    return list.map((options) => this.#addReceiver(options));
  }

  #addReceiver({ trackId, kind, rtpParameters }: HandlerReceiveOptions): HandlerReceiveResult {
    const track = new IncomingTrack(kind);
    const ssrc = rtpParameters.encodings?.[0]?.ssrc;
    const codec = rtpParameters.codecs[0];
    if (trackId === PROBATOR) return { localId: PROBATOR, track: asMediaStreamTrack(track) };
    if (ssrc === undefined || !codec) throw new Error('a consumer without an SSRC or a codec');
    const receiver: Receiver = {
      ssrc,
      track,
      audioLevelId: rtpParameters.headerExtensions?.find(({ uri }) => uri === AUDIO_LEVEL_URI)?.id,
      statistics: new ReceiverStatistics(codec.clockRate),
    };
    const localId = String(this.#nextMid++);
    this.#receivers.set(localId, receiver);
    this.#receiverOf.set(ssrc, receiver);
    return { localId, track: asMediaStreamTrack(track) };
  }

  override async stopReceiving(localIds: string[]): Promise<void> {
    for (const localId of localIds) {
      const receiver = this.#receivers.get(localId);
      if (receiver) this.#receiverOf.delete(receiver.ssrc);
      this.#receivers.delete(localId);
    }
  }

  // Pausing is the server's: it sends nothing then.
  override async pauseReceiving(): Promise<void> {}

  override async resumeReceiving(): Promise<void> {}

  override async getReceiverStats(localId: string): Promise<RTCStatsReport> {
    const receiver = this.#receivers.get(localId);
    if (!receiver) throw new Error(`nothing is received as ${localId}`);
    const { received, lost } = receiver.statistics;
    return report('inbound-rtp', { ssrc: receiver.ssrc, packetsReceived: received, packetsLost: lost });
  }

  #receiveRtp({ header, payload }: RtpPacket): void {
    const receiver = this.#receiverOf.get(header.ssrc);
    if (!receiver) return;
    receiver.statistics.packet(header.sequenceNumber, header.timestamp, performance.now());
    // Padding alone carries no sound.
    if (payload.length === 0) return;
    const level = header.extensions.find(({ id }) => id === receiver.audioLevelId)?.payload[0];
    receiver.track.onPacket({
      sequenceNumber: header.sequenceNumber,
      timestamp: header.timestamp,
      payload,
      audioLevel: level === undefined ? undefined : level & 0x7f,
    });
  }

  #receiveRtcp(packet: RtcpPacket): void {
    if (packet instanceof RtcpSrPacket) {
      this.#receiverOf.get(packet.ssrc)?.statistics.senderReport(packet.senderInfo.ntpTimestamp, performance.now());
    }
  }

  #sendReports(): void {
    const now = performance.now();
    for (const { ssrc, statistics } of this.#senders.values()) {
      if (statistics.isActive) this.#transport.sendRtcp(statistics.report(ssrc, this.#cname, now, Date.now()));
    }
    const reports = [...this.#receivers.values()]
      .filter(({ statistics }) => statistics.isActive)
      .map(({ ssrc, statistics }) => statistics.report(ssrc, now));
    for (let at = 0; at < reports.length; at += REPORTS_PER_PACKET) {
      const some = reports.slice(at, at + REPORTS_PER_PACKET);
      this.#transport.sendRtcp([new RtcpRrPacket({ ssrc: this.#reporterSsrc, reports: some })]);
    }
  }

  // Data channels

  override async sendDataChannel(options: HandlerSendDataChannelOptions): Promise<HandlerSendDataChannelResult> {
    await this.#connect();
    const streamId = this.#nextStreamId++;
    const sctpStreamParameters = { ...options.sctpStreamParameters, streamId };
    return { dataChannel: await this.#dataChannel(sctpStreamParameters), sctpStreamParameters };
  }

  override async receiveDataChannel(
    options: HandlerReceiveDataChannelOptions,
  ): Promise<HandlerReceiveDataChannelResult> {
    await this.#connect();
    const { label, protocol, sctpStreamParameters } = options;
    return { dataChannel: await this.#dataChannel({ ...sctpStreamParameters, ...definedOnly({ label, protocol }) }) };
  }

  override getDataChannelMaxMessageSize(): number | undefined {
    const parameters = this.#options.sctpParameters;
    return parameters?.maxReceiveMessageSize ?? parameters?.maxMessageSize;
  }

  async #dataChannel(parameters: SctpStreamParameters): Promise<globalThis.RTCDataChannel> {
    const sctp = await this.#transport.sctp;
    const { streamId, label = '', protocol = '', ordered = true, maxRetransmits, maxPacketLifeTime } = parameters;
    if (streamId === undefined) throw new Error('a data channel without a stream id');
    const channel = new RTCDataChannel(
      sctp,
      new RTCDataChannelParameters({
        label,
        protocol,
        id: streamId,
        negotiated: true,
        ordered,
        ...definedOnly({ maxRetransmits, maxPacketLifeTime }),
      }),
    );
    // The same interface but for Blob and typed events, of which mediasoup-client uses neither.
    return channel as unknown as globalThis.RTCDataChannel;
  }
}

const randomSsrc = (): number => randomInt(1, 2 ** 32 - 1);

function outgoingTrack(track: MediaStreamTrack): OutgoingTrack {
  const outgoing = fromMediaStreamTrack(track);
  if (!(outgoing instanceof OutgoingTrack)) throw new TypeError('only an OutgoingTrack can be sent');
  return outgoing;
}

function definedOnly<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

const report = (type: string, values: object): RTCStatsReport =>
  new Map([[type, { id: type, type, timestamp: performance.now(), ...values }]]);
