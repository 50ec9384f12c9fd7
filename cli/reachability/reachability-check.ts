/**
 * Tries from this computer all that a browser needs of a Booth server: its page, REST, signalling, and media over every address, protocol
 * and TURN server that it names. Joins a room for that, and leaves it. No check rejects.
 */
import {
  type IceServer,
  JoinResponse,
  LanguagesResponse,
  MAX_SIGNAL_BYTES,
  messageOf,
  Problem,
  Readiness,
  type ReplyData,
  signalSubprotocols,
  signalUrl,
} from '@mediasoup-booth/protocol';
import { WebSocket } from 'ws';
import { isTurnUrl } from '../../config/rtc-addresses.ts';
import { roomUrl, urlAt } from '../../config/server-url.ts';
import { followRoom } from '../../room-client/follow-room.ts';
import { SignallingClient, SignallingError } from '../../room-client/signalling-client.ts';
import { systemClock } from '../../time/clock.ts';
import type { Finding } from '../system-check.ts';
import { checkCandidate, publicAddress, RelayRefused, requestRelay, stunServerOf } from './ice-probes.ts';
import { StunFailure } from './stun-client.ts';

const ANSWER_WITHIN_MS = 10_000;
const NOT_FOUND = 404;
/** The join reply carries the recent captions of every language. */
const MAX_MESSAGE_BYTES = 64 * MAX_SIGNAL_BYTES;

/** What lets this computer into a room. */
export type Entry = { invite: string } | { token: string };

export interface ReachabilityOptions {
  /** The server's address, with the path under which it is, if any. */
  server: string;
  room: string;
  /** Undefined: nobody is let in, and neither signalling nor media are tried. */
  entry: Entry | undefined;
}

export interface Reachability {
  findings: Finding[];
  /** Whether one way for media at least is open; undefined: none was tried. */
  mediaGetThrough: boolean | undefined;
}

/** The findings, in the order in which people should read them. */
export async function checkReachability({ server, room, entry }: ReachabilityOptions): Promise<Reachability> {
  const page = await checkPage(server, room);
  if (page.state !== 'fine') return { findings: [page], mediaGetThrough: undefined };
  const findings = [page, await checkRest(server)];
  if (!entry) {
    findings.push({
      subject: 'media',
      state: 'optional',
      detail: 'not tried: nobody is let in without an invite',
      remedy: 'Give an invite link (booth doctor --from LINK), or a token in BOOTH_TOKEN.',
    });
    return { findings, mediaGetThrough: undefined };
  }
  const { finding, joined } = await enterRoom(server, room, entry);
  findings.push(finding);
  if (!joined) return { findings, mediaGetThrough: undefined };
  const { transport, leave } = joined;
  const media = await Promise.all([
    ...candidateChecks(joined.server, transport),
    ...serverChecks(transport.iceServers ?? []),
  ]);
  leave();
  findings.push(...media.map(({ finding }) => finding));
  return { findings, mediaGetThrough: media.some(({ isPath, finding }) => isPath && finding.state === 'fine') };
}

async function checkPage(server: string, room: string): Promise<Finding> {
  const subject = 'page';
  const address = urlAt(server, '');
  try {
    const response = await fetch(roomUrl(server, room), { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const type = response.headers.get('content-type') ?? '';
    await response.body?.cancel();
    if (response.ok && type.startsWith('text/html')) return { subject, state: 'fine', detail: address };
    return {
      subject,
      state: 'blocked',
      detail: `${address} answers with ${response.status} ${type}`,
      remedy: 'Is this a Booth server, with its path if it has one, and does the proxy before it pass on every path?',
    };
  } catch (error) {
    return {
      subject,
      state: 'blocked',
      detail: `${address}: ${fetchFailure(error)}`,
      remedy: remedyFor(error),
    };
  }
}

async function checkRest(server: string): Promise<Finding> {
  const subject = 'REST';
  const finding = (state: Finding['state'], detail: string): Finding => ({
    subject,
    state,
    detail,
    ...(state !== 'fine' && {
      remedy: 'Have the proxy before the server pass on /v1/; see the server’s log.',
    }),
  });
  const get = (path: string) => fetch(urlAt(server, path), { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  try {
    const response = await get('/readyz');
    if (response.status === NOT_FOUND) {
      // A proxy may keep that to the server's own network, as deploy/caddy/Caddyfile does.
      await response.body?.cancel();
      LanguagesResponse.parse(await (await get('/v1/languages')).json());
      return finding('fine', 'the server answers');
    }
    const { ready, reasons } = Readiness.parse(await response.json());
    if (!ready) return finding('blocked', `the server is not ready: ${reasons.join(', ')}`);
    return finding('fine', 'the server is ready');
  } catch (error) {
    return finding('blocked', fetchFailure(error));
  }
}

type Transport = ReplyData<'transport.create'>;

interface Joined {
  /** The server that has the room, where several stand side by side. */
  server: string;
  transport: Transport;
  /** Ends the transport, too. */
  leave(): void;
}

async function enterRoom(server: string, room: string, entry: Entry): Promise<{ finding: Finding; joined?: Joined }> {
  const subject = 'signalling';
  try {
    const token = 'token' in entry ? entry.token : await exchange(server, room, entry.invite);
    const joined = await followRoom(server, (at) => joinAt(at, token));
    const where = joined.server === server ? '' : `, which is at ${joined.server}`;
    return { finding: { subject, state: 'fine', detail: `joined the room ${room}${where}` }, joined };
  } catch (error) {
    return { finding: { subject, state: 'blocked', ...joinFailure(error) } };
  }
}

async function joinAt(server: string, token: string): Promise<Joined> {
  const signalling = new SignallingClient(await openSocket(signalUrl(server), token), { clock: systemClock });
  try {
    await signalling.request('join', { name: 'booth doctor' });
    const transport = await signalling.request('transport.create', { direction: 'recv' });
    return { server, transport, leave: () => signalling.close() };
  } catch (error) {
    signalling.close();
    throw error;
  }
}

/** @throws {SignallingError} */
async function exchange(server: string, room: string, invite: string): Promise<string> {
  const response = await fetch(urlAt(server, '/v1/join'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ room, invite, name: 'booth doctor' }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const body: unknown = await response.json();
  if (response.ok) return JoinResponse.parse(body).token;
  const { code = '', detail = '' } = Problem.partial().safeParse(body).data ?? {};
  throw new SignallingError(code, detail || `the server answers with ${response.status}`);
}

function openSocket(url: string, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, signalSubprotocols(token), {
      handshakeTimeout: ANSWER_WITHIN_MS,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    socket.once('open', () => resolve(socket));
    socket.on('error', reject);
  });
}

function joinFailure(error: unknown): Pick<Finding, 'detail' | 'remedy'> {
  if (!(error instanceof SignallingError))
    return {
      detail: `the WebSocket does not open: ${messageOf(error)}`,
      remedy:
        'Have the proxy before the server pass on upgrades to WebSocket (Connection and Upgrade headers) on /v1/signal.',
    };
  const remedy =
    error.code === 'waiting'
      ? 'Use an invite of a room without a waiting room.'
      : 'Use an invite or a token that is valid for this room.';
  return { detail: error.message, remedy };
}

interface MediaCheck {
  finding: Finding;
  /** Whether media could take this way. */
  isPath: boolean;
}

function candidateChecks(server: string, { iceCandidates, iceParameters }: Transport): Promise<MediaCheck>[] {
  return iceCandidates.map(async ({ protocol, address, port }): Promise<MediaCheck> => {
    const subject = `media, ${protocol.toUpperCase()}`;
    const where = `${address} port ${port}`;
    try {
      await checkCandidate({ transport: protocol, address, port }, iceParameters);
      return { isPath: true, finding: { subject, state: 'fine', detail: where } };
    } catch (error) {
      const remedy = candidateRemedy(server, { protocol, address, port }, error);
      return { isPath: true, finding: { subject, state: 'blocked', detail: `${where}: ${messageOf(error)}`, remedy } };
    }
  });
}

function candidateRemedy(
  server: string,
  { protocol, address, port }: { protocol: 'udp' | 'tcp'; address: string; port: number },
  error: unknown,
): string {
  if (isPrivate(address) && !isPrivate(new URL(server).hostname))
    return `${address} is an address of the server's own network: set BOOTH_RTC_ANNOUNCED_ADDRESS (or BOOTH_RTC_LISTEN) to the one by which it is reached.`;
  const open = `Open ${protocol.toUpperCase()} port ${port} to the server in its firewall and in that of this network`;
  if (error instanceof StunFailure && error.why === 'refused')
    return `${open}; is ${address} the server's address, and is the port passed on to it?`;
  return protocol === 'udp'
    ? `${open}. Until then, people here need media over TCP, or a TURN server (BOOTH_RTC_ICE_SERVERS).`
    : `${open}; on port 443 most networks let it through (BOOTH_RTC_TCP_PORT).`;
}

const isPrivate = (host: string): boolean =>
  /^(localhost|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[?(::1|f[cd]|fe[89ab]))/i.test(host);

function serverChecks(iceServers: readonly IceServer[]): Promise<MediaCheck>[] {
  return iceServers.flatMap(({ urls, username = '', credential = '' }) =>
    urls.map((url) => (isTurnUrl(url) ? checkTurn(url, { username, credential }) : checkStun(url))),
  );
}

async function checkStun(url: string): Promise<MediaCheck> {
  const subject = 'STUN server';
  try {
    const address = await publicAddress(stunServerOf(url));
    return { isPath: false, finding: { subject, state: 'fine', detail: `${url} sees this computer as ${address}` } };
  } catch (error) {
    const remedy = 'A Booth server needs none: take it out of BOOTH_RTC_ICE_SERVERS, or open its port.';
    return { isPath: false, finding: { subject, state: 'blocked', detail: `${url}: ${messageOf(error)}`, remedy } };
  }
}

async function checkTurn(url: string, account: { username: string; credential: string }): Promise<MediaCheck> {
  const subject = 'TURN server';
  try {
    const relay = await requestRelay(stunServerOf(url), account);
    return { isPath: true, finding: { subject, state: 'fine', detail: `${url} relays at ${relay}` } };
  } catch (error) {
    const remedy = turnRemedy(url, error);
    return { isPath: true, finding: { subject, state: 'blocked', detail: `${url}: ${messageOf(error)}`, remedy } };
  }
}

function turnRemedy(url: string, error: unknown): string {
  if (error instanceof RelayRefused)
    return error.code === 401
      ? 'Its static-auth-secret and BOOTH_RTC_TURN_SECRET must be the same, and the clocks of both servers right.'
      : 'The log of the TURN server tells more.';
  const { transport, host, port } = stunServerOf(url);
  if (error instanceof StunFailure && error.why === 'certificate')
    return `Give the TURN server a certificate for ${host}.`;
  return `Does a TURN server run on ${host}? Open ${transport === 'udp' ? 'UDP' : 'TCP'} port ${port} to it.`;
}

function fetchFailure(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer within 10 s';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause);
}

function remedyFor(error: unknown): string {
  const failure = fetchFailure(error);
  if (/ENOTFOUND|EAI_AGAIN/.test(failure)) return 'Is the name right, and known to the DNS here?';
  if (/ECONNREFUSED/.test(failure))
    return 'Is the server running, and does it listen on an address other than 127.0.0.1 (BOOTH_HOST)?';
  if (/cert|self.signed|SSL|TLS/i.test(failure))
    return 'Give the server a certificate that this computer trusts for this name.';
  return 'Open the TCP port of the pages in the server’s firewall, and check its address.';
}
