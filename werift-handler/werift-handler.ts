/**
 * The handler by which mediasoup-client works without a browser: RTP, RTCP and data channels directly on werift's transports, with no
 * SDP in between. Its tracks are `IncomingTrack` and `OutgoingTrack`.
 */
import { randomInt, randomUUID } from 'node:crypto';
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
  GenericNack,
  RTCDataChannel,
  RTCDataChannelParameters,
  type RTCSctpTransport,
  type RtcpPacket,
  RtcpRrPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift';
import { type Clock, systemClock } from '../time/clock.ts';
import { asMediaStreamTrack, fromMediaStreamTrack, IncomingTrack, OutgoingTrack } from './media-track.ts';
import { HandlerInterface, MediasoupClientVersionError, ortc } from './mediasoup-client.ts';
import { MID_URI, nativeRtpCapabilities } from './rtp-capabilities.ts';
import { RtpReceiver } from './rtp-receiver.ts';
import { RtpSender } from './rtp-sender.ts';
import { WeriftTransport } from './werift-transport.ts';

const NAME = 'Werift';
const REPORT_INTERVAL_MS = 1000;
/** The most report blocks that fit into an RTCP packet: its header counts them in five bits. */
const REPORTS_PER_PACKET = 31;
/** The track of mediasoup's bandwidth probe, whose packets are ignored. */
const PROBATOR = 'probator';

export interface WeriftHandlerOptions {
  /**
   * TURN servers for transports that are created without `iceServers` of their own, as `RTCPeerConnection` takes them: the first
   * `turn:` or `turns:` URL is used, over UDP, or with `?transport=tcp` over TCP. STUN servers are not needed. Default: none.
   */
  iceServers?: readonly RTCIceServer[];
  /** Default: the system's. */
  clock?: Clock;
}

/**
 * The handler factory for mediasoup-client's `Device`.
 *
 * @throws {MediasoupClientVersionError} when a `Device` of mediasoup-client before 3.22 is made with it
 * @example
 * const device = await Device.factory({ handlerFactory: weriftHandlerFactory() });
 */
export function weriftHandlerFactory({
  iceServers = [],
  clock = systemClock,
}: WeriftHandlerOptions = {}): HandlerFactory {
  const refuse = () => {
    throw new MediasoupClientVersionError();
  };
  const factory: HandlerFactory = {
    name: NAME,
    factory: (options) => new WeriftHandler({ ...options, iceServers: options.iceServers ?? [...iceServers] }, clock),
    getNativeRtpCapabilities: async () => nativeRtpCapabilities(),
  };
  // An application may have another mediasoup-client than this package: a Device before 3.15 calls the factory itself, one before 3.21
  // asks it for its SCTP capabilities.
  const { name, ...methods } = { ...factory, getNativeSctpCapabilities: refuse };
  return Object.defineProperty(Object.assign(refuse, methods), 'name', { value: name }) as unknown as HandlerFactory;
}

class WeriftHandler extends HandlerInterface {
  readonly #options: HandlerOptions;
  readonly #clock: Clock;
  readonly #transport: WeriftTransport;
  readonly #cname = randomUUID();
  /** SSRC that sends our receiver reports and feedback. */
  readonly #reporterSsrc = randomSsrc();
  readonly #senders = new Map<string, RtpSender>();
  readonly #receivers = new Map<string, RtpReceiver>();
  readonly #receiversBySsrc = new Map<number, RtpReceiver>();
  #connected: Promise<void> | undefined;
  #reportTimer: NodeJS.Timeout | undefined;
  #nextMid = 0;
  #nextStreamId = 0;
  #closed = false;

  constructor(options: HandlerOptions, clock: Clock) {
    super();
    this.#options = options;
    this.#clock = clock;
    this.#transport = new WeriftTransport(
      { ...options, clock },
      {
        onState: (state) => {
          if (!this.#closed && state !== 'new') this.emit('@connectionstatechange', state);
        },
        mayReceive: (ssrc) => this.#receiversBySsrc.get(ssrc)?.mayReceive() ?? true,
        onRtp: (ssrc, packet) => this.#receiversBySsrc.get(ssrc)?.push(packet),
        onRtcp: (packet) => this.#receiveRtcp(packet),
      },
    );
  }

  override get name(): string {
    return NAME;
  }

  override close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#reportTimer);
    for (const sender of this.#senders.values()) sender.bind(undefined);
    for (const receiver of this.#receivers.values()) receiver.close();
    this.#senders.clear();
    this.#receivers.clear();
    this.#receiversBySsrc.clear();
    this.#transport.close();
    this.emit('@close');
  }

  // Connecting

  /** Connects the transport, once, when mediasoup-client first sends or receives. */
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
        this.#reportTimer = setInterval(() => this.#sendReports(), REPORT_INTERVAL_MS);
        this.#reportTimer.unref();
      });
    return this.#connected;
  }

  override async restartIce(iceParameters: IceParameters): Promise<void> {
    await this.#transport.restartIce(iceParameters);
  }

  /** They are used from the next restart of ICE on. */
  override async updateIceServers(iceServers: RTCIceServer[]): Promise<void> {
    this.#transport.updateIceServers(iceServers);
  }

  override async getTransportStats(): Promise<RTCStatsReport> {
    return statsReport('transport', { droppedDatagrams: this.#transport.droppedDatagrams });
  }

  // Sending

  override async send({ track, codec: wantedCodec }: HandlerSendOptions): Promise<HandlerSendResult> {
    const outgoing = outgoingTrack(track);
    await this.#connect();
    const capabilities = this.#options.getSendExtendedRtpCapabilities(nativeRtpCapabilities());
    const rtpParameters = ortc.getSendingRtpParameters(outgoing.kind, capabilities);
    rtpParameters.codecs = ortc.reduceCodecs(rtpParameters.codecs, wantedCodec);
    const [codec] = rtpParameters.codecs;
    if (!codec) throw new Error(`the room has no codec for our ${outgoing.kind}`);
    const localId = String(this.#nextMid++);
    const ssrc = randomSsrc();
    rtpParameters.mid = localId;
    rtpParameters.encodings = [{ ssrc }];
    rtpParameters.rtcp = { cname: this.#cname, reducedSize: true };
    // Levels are read and not written: whoever went by them would take what is sent for silence.
    rtpParameters.headerExtensions = rtpParameters.headerExtensions?.filter(({ uri }) => uri === MID_URI) ?? [];
    const midId = rtpParameters.headerExtensions.find(({ uri }) => uri === MID_URI)?.id;
    const sender = new RtpSender({
      ssrc,
      payloadType: codec.payloadType,
      clockRate: codec.clockRate,
      extensions: midId === undefined ? [] : [{ id: midId, value: Buffer.from(localId) }],
      isSending: () => this.#transport.isSending,
      sendRtp: (packet) => this.#transport.sendRtp(packet),
    });
    this.#senders.set(localId, sender);
    sender.bind(outgoing);
    return { localId, rtpParameters };
  }

  override async stopSending(localId: string): Promise<void> {
    this.#senders.get(localId)?.bind(undefined);
    this.#senders.delete(localId);
  }

  override async pauseSending(localId: string): Promise<void> {
    this.#sender(localId).paused = true;
  }

  override async resumeSending(localId: string): Promise<void> {
    this.#sender(localId).paused = false;
  }

  override async replaceTrack(localId: string, track: MediaStreamTrack | null): Promise<void> {
    this.#sender(localId).bind(track === null ? undefined : outgoingTrack(track));
  }

  override async setMaxSpatialLayer(): Promise<void> {}

  override async setRtpEncodingParameters(): Promise<void> {}

  override async getSenderStats(localId: string): Promise<RTCStatsReport> {
    const { ssrc, statistics, retransmittedPackets } = this.#sender(localId);
    return statsReport('outbound-rtp', {
      ssrc,
      packetsSent: statistics.packetsSent,
      retransmittedPacketsSent: retransmittedPackets,
    });
  }

  #sender(localId: string): RtpSender {
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
    if (trackId === PROBATOR) return { localId: PROBATOR, track: asMediaStreamTrack(track) };
    const receiver = new RtpReceiver({
      track,
      rtpParameters,
      reporterSsrc: this.#reporterSsrc,
      clock: this.#clock,
      sendRtcp: (packet) => this.#transport.sendRtcp([packet]),
    });
    const localId = String(this.#nextMid++);
    this.#receivers.set(localId, receiver);
    this.#receiversBySsrc.set(receiver.ssrc, receiver);
    return { localId, track: asMediaStreamTrack(track) };
  }

  override async stopReceiving(localIds: string[]): Promise<void> {
    for (const localId of localIds) {
      const receiver = this.#receivers.get(localId);
      if (!receiver) continue;
      receiver.close();
      this.#receiversBySsrc.delete(receiver.ssrc);
      this.#receivers.delete(localId);
    }
  }

  // The server pauses a consumer: it sends nothing then, so that there is nothing to do here.
  override async pauseReceiving(): Promise<void> {}

  override async resumeReceiving(): Promise<void> {}

  override async getReceiverStats(localId: string): Promise<RTCStatsReport> {
    const receiver = this.#receivers.get(localId);
    if (!receiver) throw new Error(`nothing is received as ${localId}`);
    const { ssrc, nackedPackets, statistics } = receiver;
    const { packetsReceived, packetsLost } = statistics;
    return statsReport('inbound-rtp', { ssrc, packetsReceived, packetsLost, nackedPackets });
  }

  #receiveRtcp(packet: RtcpPacket): void {
    if (packet instanceof RtcpSrPacket) {
      const { statistics } = this.#receiversBySsrc.get(packet.ssrc) ?? {};
      statistics?.addSenderReport(packet.senderInfo.ntpTimestamp, this.#clock.now());
    }
    if (packet instanceof RtcpTransportLayerFeedback && packet.feedback instanceof GenericNack) {
      const { mediaSourceSsrc, lost } = packet.feedback;
      const now = performance.now();
      for (const sender of this.#senders.values()) if (sender.ssrc === mediaSourceSsrc) sender.retransmit(lost, now);
    }
  }

  #sendReports(): void {
    const now = performance.now();
    for (const { ssrc, statistics } of this.#senders.values()) {
      if (statistics.isActive) this.#transport.sendRtcp(statistics.createReport(ssrc, this.#cname, now, Date.now()));
    }
    const blocks = [...this.#receivers.values()]
      .filter(({ statistics }) => statistics.isActive)
      .map(({ ssrc, statistics }) => statistics.createReport(ssrc, this.#clock.now()));
    for (let at = 0; at < blocks.length; at += REPORTS_PER_PACKET) {
      const reports = blocks.slice(at, at + REPORTS_PER_PACKET);
      this.#transport.sendRtcp([new RtcpRrPacket({ ssrc: this.#reporterSsrc, reports })]);
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
    return negotiatedDataChannel(await this.#transport.sctp, parameters);
  }
}

const randomSsrc = (): number => randomInt(1, 2 ** 32 - 1);

function outgoingTrack(track: MediaStreamTrack): OutgoingTrack {
  const outgoing = fromMediaStreamTrack(track);
  if (!(outgoing instanceof OutgoingTrack)) throw new TypeError('only an OutgoingTrack can be sent');
  return outgoing;
}

const statsReport = (type: string, values: object): RTCStatsReport =>
  new Map([[type, { id: type, type, timestamp: performance.now(), ...values }]]);

/** Opens a data channel whose stream id both ends know already from mediasoup's signalling. */
function negotiatedDataChannel(
  sctp: RTCSctpTransport,
  { streamId, label = '', protocol = '', ordered = true, maxRetransmits, maxPacketLifeTime }: SctpStreamParameters,
): globalThis.RTCDataChannel {
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
  // werift has the interface of the browser except for Blob and typed events, of which mediasoup-client uses neither.
  return channel as unknown as globalThis.RTCDataChannel;
}

function definedOnly<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
