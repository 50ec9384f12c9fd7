/** The thread of `WeriftVictim`: an established DTLS session and what else of werift a datagram reaches unauthenticated. */
import { parentPort } from 'node:worker_threads';
import { DtlsClient, DtlsServer, isRtcp, parseMessage, RTCDtlsTransport, SrtcpSession, SrtpSession } from 'werift';

const AEAD_AES_128_GCM = 7;

class Pipe {
  readonly type = 'pipe';
  readonly address = { address: '', family: '', port: 0 };
  closed = false;
  onData: (data: Buffer) => void = () => {};
  peer: Pipe | undefined;
  send = async (data: Buffer) => {
    setImmediate(() => this.peer?.onData(data));
  };
  close = async () => {
    this.closed = true;
  };
}

async function establish(): Promise<{ client: DtlsClient; wire: Pipe }> {
  const certificate = await RTCDtlsTransport.SetupCertificate();
  const [wire, far] = [new Pipe(), new Pipe()];
  wire.peer = far;
  far.peer = wire;
  const common = {
    cert: certificate.certPem,
    key: certificate.privateKey,
    signatureHash: certificate.signatureHash,
    srtpProfiles: [AEAD_AES_128_GCM as 7],
    extendedMasterSecret: true,
  };
  new DtlsServer({ ...common, transport: far, certificateRequest: true });
  const client = new DtlsClient({ ...common, transport: wire });
  const connected = new Promise<void>((resolve) => client.onConnect.once(() => resolve()));
  await client.connect();
  await connected;
  return { client, wire };
}

const { client, wire } = await establish();
let broken: string | undefined;
client.onClose.subscribe(() => {
  broken ??= 'closed';
});
client.onError.subscribe((error) => {
  broken ??= `failed: ${error}`;
});
const keys = {
  localMasterKey: Buffer.alloc(16, 1),
  localMasterSalt: Buffer.alloc(12, 2),
  remoteMasterKey: Buffer.alloc(16, 3),
  remoteMasterSalt: Buffer.alloc(12, 4),
};
const srtp = new SrtpSession({ keys, profile: AEAD_AES_128_GCM });
const srtcp = new SrtcpSession({ keys, profile: AEAD_AES_128_GCM });

/** The order in which werift's sockets, ICE, DTLS and SRTP look at a datagram. */
function take(packet: Buffer): void {
  const first = packet[0] ?? 0;
  try {
    if (parseMessage(packet)) return;
    if (first > 19 && first < 64) wire.onData(packet);
    if (first > 127 && first < 192) (isRtcp(packet) ? srtcp : srtp).decrypt(packet);
  } catch {
    // werift catches at the socket too.
  }
}

parentPort?.on('message', async (packets: Uint8Array[]) => {
  let slowestMs = 0;
  for (const packet of packets) {
    const before = process.cpuUsage();
    take(Buffer.from(packet));
    slowestMs = Math.max(slowestMs, process.cpuUsage(before).user / 1000);
  }
  // What a handshake message sets off comes after a turn of the loop.
  await new Promise((resolve) => setTimeout(resolve, 5));
  parentPort?.postMessage({ slowestMs, broken });
});
parentPort?.postMessage('ready');
