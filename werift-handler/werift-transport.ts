/**
 * One ICE, DTLS-SRTP and SCTP association with a mediasoup transport, on werift's ORTC objects.
 *
 * Hard requirement: `connect()` always settles, and no datagram, whoever sends it, can end the process or block its event loop. Every
 * wait has a time limit, and every datagram passes the datagram filter first.
 *
 * The state is `disconnected` 3 to 4 s after the last datagram, and `connected` again when datagrams arrive or ICE has been restarted.
 * werift itself knows no `disconnected`: it only reports `failed` once 30 s have passed without consent.
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
} from 'werift';
import { type Clock, within } from '../time/clock.ts';
import { ConnectivityMonitor } from './connectivity-monitor.ts';
import { accepts, ssrcOf } from './datagram-filter.ts';
import { addressFamilies, type IceServers, relayOptions } from './ice-options.ts';
import { MediaUnreachableError } from './media-unreachable-error.ts';
import { SrtpCipher } from './srtp-cipher.ts';

const AEAD_AES_128_GCM = 7;
const SCTP_ESTABLISHED = 4;
/** More records than any DTLS handshake has. */
const HANDSHAKE_RECORDS = 100;
/** Room for a burst of a few hundred packets while the event loop is busy. */
const RECEIVE_BUFFER_BYTES = 4 << 20;
/** werift's connectivity checks are repeated for 1.6 s; after that it waits in vain. */
const RESTART_TIMEOUT_MS = 2_000;
const CHECK_TIMEOUT_MS = 1_000;
/** A TURN server that has not answered by then is done without. */
const GATHER_TIMEOUT_MS = 3_000;

export type TransportState = 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';

interface WeriftTransportOptions extends IceServers {
  clock: Clock;
  iceParameters: IceParameters;
  iceCandidates: readonly IceCandidateInfo[];
  dtlsParameters: DtlsParameters;
  sctpParameters?: SctpParameters | undefined;
  /** Milliseconds that each of ICE, DTLS and SCTP may take. Default 10 000. */
  timeoutMs?: number;
}

interface TransportEvents {
  onState(state: TransportState, reason?: string): void;
  /** Whether another packet of a stream may be taken now; asked before it is decrypted. */
  mayReceive(ssrc: number): boolean;
  /** @param packet a decrypted RTP packet of the stream `ssrc` */
  onRtp(ssrc: number, packet: Buffer): void;
  onRtcp(packet: RtcpPacket): void;
}

const NO_UDP =
  'The media server offers no path over UDP, and this end takes no other: have its transports listen on UDP too (enableUdp, and protocol "udp" in listenInfos).';

/** Parts of werift's ICE connection that its typings keep private. */
interface Internals {
  stunServer: readonly [string, number] | undefined;
  protocols: (DirectPath | RelayedPath)[];
  buildRequest(options: {
    nominate: boolean;
    localUsername: string;
    remoteUsername: string;
    iceControlling: boolean;
    localCandidate: CandidatePair['localCandidate'];
  }): StunRequest;
}

type CandidatePair = NonNullable<RTCIceTransport['connection']['nominated']>;
type StunRequest = Parameters<CandidatePair['protocol']['request']>[0];

type Address = readonly [string, number];

/** One socket of ours. */
interface DirectPath {
  transport: DatagramSocket;
}

/** Datagrams by way of a TURN server, which arrive with the addresses of those who sent them to it. */
interface RelayedPath {
  turn: { transport: DatagramSocket; pinnedServerEndpoint?: Address };
  localCandidate?: object;
  handleStunMessage(data: Buffer, address: Address): void;
  close(): Promise<void>;
}

interface DatagramSocket {
  readonly type: 'udp' | 'tcp' | 'tls';
  onData: (data: Buffer, address: Address) => void;
  socket?: { setRecvBufferSize?(bytes: number): void };
  closed: boolean;
}

export class WeriftTransport {
  #options: WeriftTransportOptions;
  readonly #events: TransportEvents;
  readonly #timeoutMs: number;
  readonly #ice: RTCIceTransport;
  readonly #connectivity: ConnectivityMonitor;
  readonly #filtered = new WeakSet<DirectPath | RelayedPath>();
  readonly #sctpReady = Promise.withResolvers<RTCSctpTransport>();
  /** Rejects when the transport is closed, which ends every wait. */
  readonly #whenClosed = Promise.withResolvers<never>();
  #dtls: RTCDtlsTransport | undefined;
  #sctp: RTCSctpTransport | undefined;
  #srtp: SrtpCipher | undefined;
  #state: TransportState = 'new';
  #isRestarting = false;
  /** Datagrams that the datagram filter has dropped. */
  droppedDatagrams = 0;

  constructor(options: WeriftTransportOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#connectivity = new ConnectivityMonitor(options.clock, {
      sendCheck: () => this.#sendConnectivityCheck(),
      onLost: () => {
        if (this.#state === 'connected') this.#setState('disconnected');
      },
      onRestored: () => this.#restored(),
    });
    const addresses = options.iceCandidates.map(addressOf);
    this.#ice = new RTCIceTransport(new RTCIceGatherer({ ...addressFamilies(addresses), ...relayOptions(options) }));
    // A socket lets nothing pass to werift that the datagram filter has not seen, from its first datagram on.
    this.#ice.connection.onIceCandidate.subscribe(() => this.#filterDatagrams());
    // mediasoup is ICE-lite, so this end has the controlling role.
    this.#ice.connection.iceControlling = true;
    this.#sctpReady.promise.catch(() => {});
    this.#whenClosed.promise.catch(() => {});
  }

  /** The SCTP association for data channels; rejects where it cannot be established. */
  get sctp(): Promise<RTCSctpTransport> {
    return this.#sctpReady.promise;
  }

  /** Whether packets are sent. While the transport is `disconnected` they are, as the loss may be over before they arrive. */
  get isSending(): boolean {
    return this.#state === 'connected' || this.#state === 'disconnected';
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
      await this.#withTimeout(this.#ice.start(), () => this.#unreachable());
      await this.#withTimeout(dtls.start(), noAnswer('DTLS'));
      skipUsedRecordNumbers(dtls);
      this.#srtp = srtpCipherOf(dtls);
      if (this.#state === 'connecting') {
        this.#setState('connected');
        this.#connectivity.start();
      }
      await this.#startSctp(dtls);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /**
   * Restarts ICE with the server's new parameters. The DTLS session and everything that runs over it live on.
   *
   * @throws where the peer is not reached within 2 s; the transport is `disconnected` then and may be restarted again. Also where DTLS is
   * not connected, which no restart changes.
   */
  async restartIce(iceParameters: IceParameters): Promise<void> {
    if (this.#dtls?.state !== 'connected') throw new Error('ICE can only be restarted while DTLS is connected');
    this.#isRestarting = true;
    try {
      this.#ice.restart();
      this.#closeRelays();
      await this.#gather(iceParameters);
      await this.#withTimeout(this.#ice.start(), noAnswer('ICE restart'), RESTART_TIMEOUT_MS);
      if (this.#dtls.state === 'connected') this.#setState('connected');
    } catch (error) {
      // Nothing can be sent until another restart succeeds.
      if (this.#dtls.state === 'connected') this.#setState('disconnected');
      throw error;
    } finally {
      this.#isRestarting = false;
    }
  }

  /** Replaces the TURN servers from the next restart of ICE on. @throws as the constructor does */
  updateIceServers(iceServers: RTCIceServer[]): void {
    this.#options = { ...this.#options, iceServers };
    this.#ice.setIceServers(relayOptions(this.#options));
  }

  /** Sends an RTP packet; drops it while DTLS is not connected. */
  sendRtp(packet: Buffer): void {
    if (this.#dtls?.state !== 'connected' || !this.#srtp) return;
    // Whoever misses the packet asks for it again.
    this.#ice.connection.send(this.#srtp.encrypt(packet)).catch(() => {});
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
    this.#connectivity.stop();
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
    const dtls = new RTCDtlsTransport({}, this.#ice, certificate, [AEAD_AES_128_GCM]);
    this.#dtls = dtls;
    dtls.role = 'client';
    const fingerprints = this.#options.dtlsParameters.fingerprints.map(
      ({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value),
    );
    dtls.setRemoteParams(new RTCDtlsParameters(fingerprints, 'server'));
    dtls.onRtcp.subscribe((packet) => this.#events.onRtcp(packet));
    dtls.onStateChange.subscribe((state) => {
      if (state === 'failed') this.#fail('DTLS failed');
      // mediasoup has closed the transport: nothing will arrive any more, whatever the state of ICE.
      if (state === 'closed') this.#fail('closed by the server');
    });
    this.#ice.connection.stateChanged.subscribe((state) => {
      // Whether a restart was in vain is for its caller to decide.
      if (state === 'failed' && !this.#isRestarting) this.#fail('ICE failed');
      if (state === 'connected') this.#restored();
    });
    return dtls;
  }

  async #gather(iceParameters: IceParameters): Promise<void> {
    this.#ice.setRemoteParams(new RTCIceParameters({ ...iceParameters, iceLite: true }));
    // werift asks Google's STUN server for our address unless told not to; the media server needs no such candidate.
    internals(this.#ice).stunServer = undefined;
    // What is not gathered in time is gathered in vain, which is reported where no path was found.
    await within(this.#options.clock, GATHER_TIMEOUT_MS, this.#ice.gather());
    if (this.#state === 'closed') {
      // The transport was closed while candidates were gathered: the new sockets are closed too.
      await this.#ice.connection.close();
      return this.#whenClosed.promise;
    }
    const candidates = this.#options.iceCandidates.filter(({ protocol }) => protocol === 'udp');
    if (candidates.length === 0) throw new Error(NO_UDP);
    for (const candidate of candidates) await this.#ice.addRemoteCandidate(toWerift(candidate));
    // Without the end-of-candidates mark werift waits for further candidates forever.
    await this.#ice.addRemoteCandidate(undefined);
  }

  /** A relay that was allocated over a path that is lost is of no use any more. */
  #closeRelays(): void {
    const ice = internals(this.#ice);
    for (const relay of ice.protocols.filter(isRelayed)) relay.close().catch(() => {});
    ice.protocols = ice.protocols.filter((path) => !isRelayed(path));
  }

  #filterDatagrams(): void {
    for (const path of internals(this.#ice).protocols) {
      if (this.#filtered.has(path)) continue;
      this.#filtered.add(path);
      if (isRelayed(path)) this.#filterRelayed(path);
      else this.#filterDirect(path);
    }
  }

  #filterDirect({ transport }: DirectPath): void {
    transport.socket?.setRecvBufferSize?.(RECEIVE_BUFFER_BYTES);
    const receive = transport.onData;
    transport.onData = (data, address) => this.#receive(data, address, receive);
  }

  /** What a TURN server relays is filtered as what comes directly; to the server's own socket nobody else may speak. */
  #filterRelayed(path: RelayedPath): void {
    const { turn } = path;
    const receive = path.handleStunMessage.bind(path);
    const receiveRelayed = (data: Buffer, address: Address) => this.#receive(data, address, receive);
    // One read of a stream may bring several datagrams. werift's DTLS would handle a flight of the peer twice that comes in one turn of the
    // event loop, and answer the second time with what no peer accepts.
    const isStream = turn.transport.type !== 'udp';
    path.handleStunMessage = isStream ? (...datagram) => setImmediate(receiveRelayed, ...datagram) : receiveRelayed;
    if (isStream) return;
    turn.transport.socket?.setRecvBufferSize?.(RECEIVE_BUFFER_BYTES);
    const receiveFromServer = turn.transport.onData;
    turn.transport.onData = (data, address) => {
      if (isSame(address, turn.pinnedServerEndpoint)) receiveFromServer(data, address);
      else this.droppedDatagrams++;
    };
  }

  #receive(data: Buffer, address: Address, receive: (data: Buffer, address: Address) => void): void {
    if (this.#state === 'closed') return;
    const established = this.#dtls?.state === 'connected';
    if (!accepts(data, { fromPeer: this.#isPeer(address), established })) {
      this.droppedDatagrams++;
      return;
    }
    const ssrc = ssrcOf(data);
    if (ssrc === undefined) receive(data, address);
    else if (this.#events.mayReceive(ssrc)) this.#receiveRtp(ssrc, data);
    this.#connectivity.received();
  }

  /** Media that comes before the keys is lost. */
  #receiveRtp(ssrc: number, data: Buffer): void {
    const packet = this.#srtp?.decrypt(data);
    if (!packet) {
      this.droppedDatagrams++;
      return;
    }
    try {
      this.#events.onRtp(ssrc, packet);
    } catch {
      // A listener that throws loses this packet: no datagram may end the process.
    }
  }

  /** A binding request as in werift's own consent checks, which are 4 to 6 s apart and so too rare to notice a loss soon. */
  #sendConnectivityCheck(): void {
    const { connection } = this.#ice;
    const { nominated, localUsername, remoteUsername, remotePassword, iceControlling } = connection;
    if (!nominated) return;
    const { localCandidate, protocol, remoteAddr } = nominated;
    const request = internals(this.#ice).buildRequest({
      nominate: true,
      localUsername,
      remoteUsername,
      iceControlling,
      localCandidate,
    });
    protocol
      .request(request, remoteAddr, Buffer.from(remotePassword), {
        retransmissions: 0,
        responseTimeout: CHECK_TIMEOUT_MS,
      })
      // The answer was counted when it arrived; a check that stays unanswered is counted by the monitor.
      .catch(() => {});
  }

  /** Datagrams come from the peer again. During a restart, and after one in vain, there is no pair to answer them on. */
  #restored(): void {
    const { nominated, state } = this.#ice.connection;
    if (this.#state === 'disconnected' && nominated && state === 'connected') this.#setState('connected');
  }

  #isPeer(address: Address | undefined): boolean {
    if (!address) return false;
    if (isSame(address, this.#ice.connection.nominated?.remoteAddr)) return true;
    return this.#options.iceCandidates.some((candidate) => isSame(address, [addressOf(candidate), candidate.port]));
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
      await this.#withTimeout(sctp.sctp.stateChanged.connected.asPromise(), noAnswer('SCTP'));
    }
    this.#sctpReady.resolve(sctp);
  }

  #withTimeout<T>(work: Promise<T>, late: (timeoutMs: number) => Error, timeoutMs = this.#timeoutMs): Promise<T> {
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const cancel = this.#options.clock.after(timeoutMs, () => reject(late(timeoutMs)));
    return Promise.race([work, timeout, this.#whenClosed.promise]).finally(cancel);
  }

  #unreachable(): MediaUnreachableError {
    const { turnServer: [host, port] = [], turnTransport: transport = 'udp' } = relayOptions(this.#options);
    const isThere = internals(this.#ice).protocols.some(isRelayed);
    const relay = host === undefined || port === undefined ? undefined : { host, port, transport, isThere };
    return new MediaUnreachableError(this.#timeoutMs, relay);
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

const noAnswer =
  (what: string) =>
  (timeoutMs: number): Error =>
    new Error(`${what}: the media server did not answer within ${timeoutMs} ms`);

const internals = (ice: RTCIceTransport): Internals => ice.connection as unknown as Internals;

const isRelayed = (path: DirectPath | RelayedPath): path is RelayedPath => 'turn' in path;

const isSame = ([host, port]: Address, other: Address | undefined): boolean => other?.[0] === host && other[1] === port;

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

/** The cipher of the keys that DTLS has negotiated, which werift's typings keep private. */
function srtpCipherOf(dtls: RTCDtlsTransport): SrtpCipher {
  type Context = { cipher: { srtpSessionKey: Buffer; srtpSessionSalt: Buffer } };
  const { localContext, remoteContext } = dtls.srtp as unknown as { localContext: Context; remoteContext: Context };
  const keysOf = ({ cipher }: Context) => ({ key: cipher.srtpSessionKey, salt: cipher.srtpSessionSalt });
  return new SrtpCipher({ local: keysOf(localContext), remote: keysOf(remoteContext) });
}

/** A data channel message of an unknown type rejects inside werift where nobody catches it, which would end the process. */
function surviveUnknownMessages(sctp: RTCSctpTransport): void {
  const open = sctp as unknown as { datachannelReceive: (...message: unknown[]) => Promise<void> };
  const receive = open.datachannelReceive;
  open.datachannelReceive = (...message) => receive(...message).catch(() => {});
}
