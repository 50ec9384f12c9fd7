/**
 * The parameters of transports, producers and consumers, as mediasoup and mediasoup-client exchange them. They are written down here so
 * that a page without mediasoup, and a server without mediasoup-client, can read this package's types.
 */

export interface IceParameters {
  usernameFragment: string;
  password: string;
  iceLite?: boolean;
}

/** A STUN or TURN server, as `RTCPeerConnection` takes it. */
export interface IceServer {
  urls: string[];
  /** Absent for STUN servers, as `credential`. */
  username?: string;
  credential?: string;
}

export interface IceCandidate {
  foundation: string;
  priority: number;
  address: string;
  /** The same, for older clients. */
  ip: string;
  protocol: 'udp' | 'tcp';
  port: number;
  type: 'host' | 'srflx' | 'prflx' | 'relay';
  tcpType?: 'active' | 'passive' | 'so';
}

export interface DtlsParameters {
  role?: 'auto' | 'client' | 'server';
  fingerprints: { algorithm: 'sha-1' | 'sha-224' | 'sha-256' | 'sha-384' | 'sha-512'; value: string }[];
}

export interface SctpParameters {
  port: number;
  /** In bytes, as the other one. */
  maxSendMessageSize: number;
  maxReceiveMessageSize: number;
  /** Streams, and the largest message, as older clients read them. */
  OS?: number;
  MIS?: number;
  maxMessageSize?: number;
}

/** How a data producer sends: reliably and in order unless one of its limits is set. */
export interface SctpStreamParameters {
  streamId?: number;
  ordered?: boolean;
  /** In milliseconds. */
  maxPacketLifeTime?: number;
  maxRetransmits?: number;
  label?: string;
  protocol?: string;
}

/** What a router or a device can receive. */
export interface RtpCapabilities {
  codecs?: RtpCodecCapability[];
  headerExtensions?: RtpHeaderExtension[];
}

/** What is sent: the codecs, header extensions and streams of one producer or consumer. */
export interface RtpParameters {
  mid?: string;
  codecs: RtpCodec[];
  headerExtensions?: RtpHeaderExtensionParameters[];
  encodings?: RtpEncoding[];
  rtcp?: { cname?: string; reducedSize?: boolean; mux?: boolean };
  msid?: string;
}

interface Codec {
  /** As `audio/opus`. */
  mimeType: string;
  clockRate: number;
  channels?: number;
  parameters?: Record<string, unknown>;
  rtcpFeedback?: { type: string; parameter?: string }[];
}

export interface RtpCodec extends Codec {
  payloadType: number;
}

export interface RtpCodecCapability extends Codec {
  kind: 'audio' | 'video';
  preferredPayloadType: number;
}

export interface RtpHeaderExtension {
  kind: 'audio' | 'video';
  uri: RtpHeaderExtensionUri;
  preferredId: number;
  preferredEncrypt?: boolean;
  direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
}

export interface RtpHeaderExtensionParameters {
  uri: RtpHeaderExtensionUri;
  id: number;
  encrypt?: boolean;
  parameters?: Record<string, unknown>;
}

export type RtpHeaderExtensionUri =
  | 'urn:ietf:params:rtp-hdrext:sdes:mid'
  | 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'
  | 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id'
  | 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'
  | 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'
  | 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
  | 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension'
  | 'urn:3gpp:video-orientation'
  | 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'
  | 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'
  | 'urn:mediasoup:params:rtp-hdrext:packet-id';

type Priority = 'very-low' | 'low' | 'medium' | 'high';

/** One stream of a producer; several are layers of simulcast. */
export interface RtpEncoding {
  active?: boolean;
  ssrc?: number;
  rid?: string;
  codecPayloadType?: number;
  rtx?: { ssrc: number };
  dtx?: boolean;
  scalabilityMode?: string;
  scaleResolutionDownBy?: number;
  /** In bits per second. */
  maxBitrate?: number;
  maxFramerate?: number;
  adaptivePtime?: boolean;
  priority?: Priority;
  networkPriority?: Priority;
}
