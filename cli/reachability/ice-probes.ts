/** What is asked of a media server and of a TURN server: a connectivity check of ICE, and a relay. */
import { randomBytes } from 'node:crypto';
import { classes, Message, makeIntegrityKey, methods } from 'werift';
import { openStunClient, type StunServer, type StunTransport } from './stun-client.ts';

const UDP_PROTOCOL = 0x11000000;
const UNAUTHORIZED = 401;

/** The credentials of a transport on the server. */
interface IceCredentials {
  usernameFragment: string;
  password: string;
}

/** Sends a connectivity check, which the server answers where it comes from somebody who was told the password. @throws {StunFailure} */
export async function checkCandidate(
  candidate: { transport: 'udp' | 'tcp'; address: string; port: number },
  { usernameFragment, password }: IceCredentials,
): Promise<void> {
  const { transport, address: host, port } = candidate;
  const client = await openStunClient({ transport, host, port, framing: 'ice' });
  try {
    const check = new Message(methods.BINDING, classes.REQUEST)
      .setAttribute('USERNAME', `${usernameFragment}:${randomBytes(4).toString('hex')}`)
      .setAttribute('PRIORITY', 1)
      .setAttribute('ICE-CONTROLLING', randomBytes(8).readBigUInt64BE())
      .addMessageIntegrity(Buffer.from(password))
      .addFingerprint();
    await client.request(check);
  } finally {
    client.close();
  }
}

/** Asks a STUN server for the address from which it sees this computer. @throws {StunFailure} */
export async function publicAddress(server: StunServer): Promise<string> {
  const client = await openStunClient(server);
  try {
    const answer = await client.request(new Message(methods.BINDING, classes.REQUEST));
    return addressIn(answer, 'XOR-MAPPED-ADDRESS');
  } finally {
    client.close();
  }
}

/** The TURN server answers, and refuses: `code` as in RFC 8656. */
export class RelayRefused extends Error {
  override readonly name = 'RelayRefused';
  readonly code: number;
  constructor(code: number, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** Gets a relay from a TURN server, and gives it back. Returns its address. @throws {StunFailure} @throws {RelayRefused} */
export async function requestRelay(
  server: StunServer,
  { username, credential }: { username: string; credential: string },
): Promise<string> {
  const client = await openStunClient(server);
  try {
    const allocate = () =>
      new Message(methods.ALLOCATE, classes.REQUEST).setAttribute('REQUESTED-TRANSPORT', UDP_PROTOCOL);
    const challenge = await client.request(allocate());
    const [code = 0, reason = ''] = errorIn(challenge) ?? [];
    if (code !== UNAUTHORIZED) throw new RelayRefused(code, reason || 'it does not ask who we are');
    const realm = challenge.getAttributeValue('REALM') as string;
    const nonce = challenge.getAttributeValue('NONCE') as Buffer;
    const key = makeIntegrityKey(username, realm, credential);
    const signed = (message: Message) =>
      message
        .setAttribute('USERNAME', username)
        .setAttribute('REALM', realm)
        .setAttribute('NONCE', nonce)
        .addMessageIntegrity(key);
    const answer = await client.request(signed(allocate()));
    const refusal = errorIn(answer);
    if (refusal) throw new RelayRefused(...refusal);
    const release = new Message(methods.REFRESH, classes.REQUEST).setAttribute('LIFETIME', 0);
    await client.request(signed(release)).catch(() => undefined);
    return addressIn(answer, 'XOR-RELAYED-ADDRESS');
  } finally {
    client.close();
  }
}

/** What a `stun:` or `turn:` URL names. */
export function stunServerOf(url: string): StunServer {
  const [, scheme = '', host = '', port, transport] =
    /^(stuns?|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i.exec(url) ?? [];
  const isSecure = scheme.toLowerCase().endsWith('s');
  const over: StunTransport = isSecure ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp';
  return {
    transport: over,
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (isSecure ? 5349 : 3478)),
    framing: 'turn',
  };
}

function errorIn(answer: Message): [number, string] | undefined {
  return answer.messageClass === classes.ERROR
    ? ((answer.getAttributeValue('ERROR-CODE') as [number, string] | undefined) ?? [0, 'it gives no reason'])
    : undefined;
}

function addressIn(answer: Message, name: 'XOR-MAPPED-ADDRESS' | 'XOR-RELAYED-ADDRESS'): string {
  const [host, port] = answer.getAttributeValue(name) as [string, number];
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
