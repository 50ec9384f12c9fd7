/**
 * One ICE, DTLS-SRTP and SCTP association with a mediasoup transport, on werift's ORTC objects.
 *
 * Hard requirement: `connect()` always settles, and no datagram, whoever sends it, can end the process or block its event loop. Every
 * wait has a time limit, and every datagram passes the datagram filter first.
 */
import type {
  DtlsParameters,
  IceCandidate as IceCandidateInfo,
  IceParameters,
  SctpParameters,
} from 'mediasoup-client/types';
import {
  IceCandidate,
  type RTCCertificate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  RTCSctpTransport,
  type RtcpPacket,
  type RtpHeader,
  type RtpPacket,
} from 'werift';
import { accepts } from './datagram-filter.ts';

const AEAD_AES_128_GCM = 7;
const AES_CM_128_HMAC_SHA1_80 = 1;
const SCTP_ESTABLISHED = 4;
/** More records than any DTLS handshake has. */
const HANDSHAKE_RECORDS = 100;
/** Room for a burst of a few hundred packets while the event loop is busy. */
const RECEIVE_BUFFER_BYTES = 4 << 20;

export type TransportState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

interface WeriftTransportOptions {
  iceParameters: IceParameters;
  iceCandidates: readonly IceCandidateInfo[];
  dtlsParameters: DtlsParameters;
  sctpParameters?: SctpParameters | undefined;
  /** Milliseconds that each of ICE, DTLS and SCTP may take. Default 10 000. */
  timeoutMs?: number;
}

interface TransportEvents {
  onState(state: TransportState, reason?: string): void;
  onRtp(packet: RtpPacket): void;
  onRtcp(packet: RtcpPacket): void;
}

/** Parts of werift's ICE connection that its typings keep private. */
interface Internals {
  stunServer: readonly [string, number] | undefined;
  protocols: { transport: DatagramSocket }[];
}

interface DatagramSocket {
  onData: (data: Buffer, address: readonly [string, number]) => void;
  socket?: { setRecvBufferSize?(bytes: number): void };
  closed: boolean;
}

export class WeriftTransport {
  readonly #options: WeriftTransportOptions;
  readonly #events: TransportEvents;
  readonly #timeoutMs: number;
  readonly #ice: RTCIceTransport;
  readonly #filtered = new WeakSet<DatagramSocket>();
  readonly #sctpReady = Promise.withResolvers<RTCSctpTransport>();
  /** Rejects when the transport is closed, which ends every wait. */
  readonly #whenClosed = Promise.withResolvers<never>();
  #dtls: RTCDtlsTransport | undefined;
  #sctp: RTCSctpTransport | undefined;
  #state: TransportState = 'new';
  /** Datagrams that the datagram filter has dropped. */
  droppedDatagrams = 0;

  constructor(options: WeriftTransportOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    const loopback = options.iceCandidates.some((candidate) => addressOf(candidate).startsWith('127.'));
    this.#ice = new RTCIceTransport(
      new RTCIceGatherer({
        useIpv4: true,
        useIpv6: false,
        ...(loopback ? { additionalHostAddresses: ['127.0.0.1'] } : {}),
      }),
    );
    // mediasoup is ICE-lite, so this end has the controlling role.
    this.#ice.connection.iceControlling = true;
    this.#sctpReady.promise.catch(() => {});
    this.#whenClosed.promise.catch(() => {});
  }

  /** The SCTP association for data channels; rejects where it cannot be established. */
  get sctp(): Promise<RTCSctpTransport> {
    return this.#sctpReady.promise;
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /**
   * Sends the server our DTLS fingerprint through `announce`, then connects.
   *
   * @throws where the peer does not answer in time; the transport has then failed
   */
  async connect(announce: (dtlsParameters: DtlsParameters) => Promise<void>): Promise<void> {
    this.#setState('connecting');
    try {
      const certificate = await RTCDtlsTransport.SetupCertificate();
      const fingerprints = certificate.getFingerprints() as DtlsParameters['fingerprints'];
      await Promise.race([announce({ role: 'client', fingerprints }), this.#whenClosed.promise]);
      const dtls = this.#createDtls(certificate);
      await this.#gather(this.#options.iceParameters);
      await this.#withTimeout(this.#ice.start(), 'ICE');
      await this.#withTimeout(dtls.start(), 'DTLS');
      skipUsedRecordNumbers(dtls);
      if (this.#state === 'connecting') this.#setState('connected');
      await this.#startSctp(dtls);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Restarts ICE with the server's new parameters. @throws where it does not connect in time, or has never connected */
  async restartIce(iceParameters: IceParameters): Promise<void> {
    if (!this.#dtls) throw new Error('ICE cannot be restarted before it has started');
    this.#ice.restart();
    await this.#gather(iceParameters);
    await this.#withTimeout(this.#ice.start(), 'ICE restart');
    if (this.#dtls.state === 'connected') this.#setState('connected');
  }

  /** Sends an RTP packet; drops it while DTLS is not connected. */
  sendRtp(payload: Buffer, header: RtpHeader): void {
    if (this.#dtls?.state === 'connected') void this.#dtls.sendRtp(payload, header);
  }

  /** Sends a compound RTCP packet; drops it while DTLS is not connected. */
  sendRtcp(packets: RtcpPacket[]): void {
    if (this.#dtls?.state !== 'connected' || packets.length === 0) return;
    // The next report makes up for one that could not be sent.
    this.#dtls.sendRtcp(packets).catch(() => {});
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#setState('closed');
    const reason = new Error('the transport is closed');
    this.#sctpReady.reject(reason);
    this.#whenClosed.reject(reason);
    const stop = async () => {
      await this.#sctp?.stop();
      await (this.#dtls ?? this.#ice).stop();
    };
    // Where stopping fails, nothing is left to do: the sockets close with the process.
    stop().catch(() => {});
  }

  #createDtls(certificate: RTCCertificate): RTCDtlsTransport {
    const dtls = new RTCDtlsTransport({}, this.#ice, certificate, [AEAD_AES_128_GCM, AES_CM_128_HMAC_SHA1_80]);
    this.#dtls = dtls;
    dtls.role = 'client';
    const fingerprints = this.#options.dtlsParameters.fingerprints.map(
      ({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value),
    );
    dtls.setRemoteParams(new RTCDtlsParameters(fingerprints, 'server'));
    dtls.onRtp.subscribe((packet) => this.#events.onRtp(packet));
    dtls.onRtcp.subscribe((packet) => this.#events.onRtcp(packet));
    dtls.onStateChange.subscribe((state) => {
      if (state === 'failed') this.#fail('DTLS failed');
      // mediasoup has closed the transport: nothing will arrive any more, whatever the state of ICE.
      if (state === 'closed') this.#fail('closed by the server');
    });
    this.#ice.connection.stateChanged.subscribe((state) => {
      if (state === 'failed') this.#fail('ICE failed');
      if (state === 'disconnected') this.#setState('disconnected');
      if (state === 'connected' && this.#state === 'disconnected') this.#setState('connected');
    });
    return dtls;
  }

  async #gather(iceParameters: IceParameters): Promise<void> {
    this.#ice.setRemoteParams(new RTCIceParameters({ ...iceParameters, iceLite: true }));
    // werift asks Google's STUN server for our address unless told not to; the media server needs no such candidate.
    internals(this.#ice).stunServer = undefined;
    await this.#ice.gather();
    if (this.#state === 'closed') {
      // The transport was closed while candidates were gathered: the new sockets are closed too.
      await this.#ice.connection.close();
      return this.#whenClosed.promise;
    }
    for (const datagrams of internals(this.#ice).protocols) this.#filterDatagrams(datagrams.transport);
    for (const candidate of this.#options.iceCandidates) {
      if (candidate.protocol === 'udp') await this.#ice.addRemoteCandidate(toWerift(candidate));
    }
    // Without the end-of-candidates mark werift waits for further candidates forever.
    await this.#ice.addRemoteCandidate(undefined);
  }

  #filterDatagrams(datagrams: DatagramSocket): void {
    if (this.#filtered.has(datagrams)) return;
    this.#filtered.add(datagrams);
    datagrams.socket?.setRecvBufferSize?.(RECEIVE_BUFFER_BYTES);
    const receive = datagrams.onData;
    datagrams.onData = (data, address) => {
      const established = this.#dtls?.state === 'connected';
      if (accepts(data, { fromPeer: this.#isPeer(address), established })) receive(data, address);
      else this.droppedDatagrams++;
    };
  }

  #isPeer(address: readonly [string, number] | undefined): boolean {
    if (!address) return false;
    const [host, port] = address;
    const nominated = this.#ice.connection.nominated?.remoteAddr;
    if (nominated && nominated[0] === host && nominated[1] === port) return true;
    return this.#options.iceCandidates.some((candidate) => candidate.port === port && addressOf(candidate) === host);
  }

  async #startSctp(dtls: RTCDtlsTransport): Promise<void> {
    const parameters = this.#options.sctpParameters;
    if (!parameters) return;
    const sctp = new RTCSctpTransport(parameters.port);
    this.#sctp = sctp;
    surviveUnknownMessages(sctp);
    sctp.setDtlsTransport(dtls);
    sctp.setRemoteMaxMessageSize(parameters.maxReceiveMessageSize ?? parameters.maxMessageSize);
    await sctp.start(parameters.port);
    if (sctp.sctp.associationState !== SCTP_ESTABLISHED) {
      await this.#withTimeout(sctp.sctp.stateChanged.connected.asPromise(), 'SCTP');
    }
    this.#sctpReady.resolve(sctp);
  }

  #withTimeout<T>(work: Promise<T>, what: string): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`${what}: the media server did not answer within ${this.#timeoutMs} ms`)),
      this.#timeoutMs,
    );
    return Promise.race([work, late, this.#whenClosed.promise]).finally(() => clearTimeout(timer));
  }

  #fail(reason: string): void {
    this.#sctpReady.reject(new Error(reason));
    this.#setState('failed', reason);
  }

  #setState(state: TransportState, reason?: string): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#events.onState(state, reason);
  }
}

const internals = (ice: RTCIceTransport): Internals => ice.connection as unknown as Internals;

const addressOf = (candidate: IceCandidateInfo): string => candidate.address ?? candidate.ip;

const toWerift = (candidate: IceCandidateInfo): IceCandidate =>
  new IceCandidate(
    1,
    candidate.foundation,
    addressOf(candidate),
    candidate.port,
    candidate.priority,
    candidate.protocol,
    candidate.type,
  );

/**
 * werift numbers its DTLS records from 1 again after the handshake, although the last handshake record belongs to the same epoch. One of
 * the first data records would have a number, and thereby a nonce, that was used already; the peer would drop it as a replay.
 */
function skipUsedRecordNumbers(dtls: RTCDtlsTransport): void {
  const session = dtls.dtls as unknown as { dtls: { recordSequenceNumber: number } };
  session.dtls.recordSequenceNumber += HANDSHAKE_RECORDS;
}

/** A data channel message of an unknown type rejects inside werift where nobody catches it, which would end the process. */
function surviveUnknownMessages(sctp: RTCSctpTransport): void {
  const open = sctp as unknown as { datachannelReceive: (...message: unknown[]) => Promise<void> };
  const receive = open.datachannelReceive;
  open.datachannelReceive = (...message) => receive(...message).catch(() => {});
}
