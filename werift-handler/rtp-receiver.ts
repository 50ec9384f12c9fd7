/**
 * Receives one RTP stream: hands its packets to the track, keeps its statistics, and requests lost packets again by NACK. A stream of too many
 * packets a second loses the rest (`mayReceive`).
 */
import type { RtpParameters } from 'mediasoup-client/types';
import {
  GenericNack,
  PictureLossIndication,
  type RtcpPacket,
  RtcpPayloadSpecificFeedback,
  RtcpTransportLayerFeedback,
} from 'werift';
import { AUDIO_LEVEL_URI } from '../rtp/header-extensions.ts';
import { parseRtpPacket } from '../rtp/rtp-packet.ts';
import type { Clock } from '../time/clock.ts';
import type { IncomingTrack } from './media-track.ts';
import { audioNackTiming, NackGenerator, videoNackTiming } from './nack-generator.ts';
import { MAX_AUDIO_PACKETS_PER_SECOND, MAX_VIDEO_PACKETS_PER_SECOND, PacketRateLimit } from './packet-rate-limit.ts';
import { ReceiverStatistics } from './rtcp-statistics.ts';

interface RtpReceiverOptions {
  track: IncomingTrack;
  rtpParameters: RtpParameters;
  /** SSRC that sends our RTCP feedback. */
  reporterSsrc: number;
  clock: Clock;
  sendRtcp(packet: RtcpPacket): void;
}

export class RtpReceiver {
  readonly ssrc: number;
  readonly statistics: ReceiverStatistics;
  readonly #options: RtpReceiverOptions;
  readonly #audioLevelId: number | undefined;
  readonly #nackGenerator: NackGenerator | undefined;
  readonly #rateLimit: PacketRateLimit;
  #cancelTimer: (() => void) | undefined;

  constructor(options: RtpReceiverOptions) {
    const { rtpParameters, track } = options;
    const ssrc = rtpParameters.encodings?.[0]?.ssrc;
    const codec = rtpParameters.codecs[0];
    if (ssrc === undefined || !codec) throw new Error('a consumer without an SSRC or a codec');
    this.ssrc = ssrc;
    this.statistics = new ReceiverStatistics(codec.clockRate);
    this.#options = options;
    this.#audioLevelId = rtpParameters.headerExtensions?.find(({ uri }) => uri === AUDIO_LEVEL_URI)?.id;
    const hasNack = codec.rtcpFeedback?.some(({ type, parameter }) => type === 'nack' && !parameter);
    if (hasNack) this.#nackGenerator = new NackGenerator(track.kind === 'audio' ? audioNackTiming : videoNackTiming);
    this.#rateLimit = new PacketRateLimit(
      track.kind === 'audio' ? MAX_AUDIO_PACKETS_PER_SECOND : MAX_VIDEO_PACKETS_PER_SECOND,
    );
    track.bind(() => this.#requestKeyFrame());
  }

  get nackedPackets(): number {
    return this.#options.track.nackedPackets;
  }

  /** Whether another packet may be taken now; one that may not is counted as dropped. */
  mayReceive(): boolean {
    const may = this.#rateLimit.take(this.#options.clock.now());
    this.#options.track.droppedPackets = this.#rateLimit.dropped;
    return may;
  }

  /** Takes an RTP packet of the stream as it arrives. What is no complete one is ignored. */
  push(bytes: Buffer): void {
    const packet = parseRtpPacket(bytes, this.#audioLevelId);
    if (!packet) return;
    const { track, clock } = this.#options;
    const { sequenceNumber, timestamp, marker, payload, audioLevel } = packet;
    this.statistics.addPacket(sequenceNumber, timestamp, clock.now());
    this.#nackGenerator?.push(sequenceNumber, clock.now());
    this.#restartTimer();
    // A packet without a payload is padding.
    if (payload.length === 0) return;
    track.onPacket({ sequenceNumber, timestamp, marker, payload, audioLevel });
  }

  close(): void {
    this.#cancelTimer?.();
    this.#options.track.bind(undefined);
  }

  #restartTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const deadline = this.#nackGenerator?.deadline;
    if (deadline === undefined) return;
    const { clock } = this.#options;
    this.#cancelTimer = clock.after(Math.max(0, deadline - clock.now()), () => this.#sendNacks());
  }

  #sendNacks(): void {
    const lost = this.#nackGenerator?.takeDue(this.#options.clock.now()) ?? [];
    this.#options.track.nackedPackets += lost.length;
    if (lost.length > 0) {
      const { reporterSsrc, sendRtcp } = this.#options;
      const feedback = new GenericNack({ senderSsrc: reporterSsrc, mediaSourceSsrc: this.ssrc, lost });
      sendRtcp(new RtcpTransportLayerFeedback({ feedback }));
    }
    this.#restartTimer();
  }

  #requestKeyFrame(): void {
    const { reporterSsrc, sendRtcp } = this.#options;
    const feedback = new PictureLossIndication({ senderSsrc: reporterSsrc, mediaSsrc: this.ssrc });
    sendRtcp(new RtcpPayloadSpecificFeedback({ feedback }));
  }
}
