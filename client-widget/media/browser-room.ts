/** Joins a room from a browser, over its WebSocket and its WebRTC; a failure is described in words for people. */

import {
  type ApiErrorCode,
  type Preferences,
  type Problem,
  type SIGNAL_PATH,
  signalSubprotocols,
  type TrackSource,
} from '@mediasoup-booth/protocol';
import { Device } from 'mediasoup-client';
import { followRoom } from '../../room-client/follow-room.ts';
import { type ProduceOptions, RoomClient, RoomJoinError } from '../../room-client/room-client.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import { systemClock } from '../../time/clock.ts';
import { endReason } from './rejoin.ts';
import { watchSilence } from './silence-watch.ts';

const OPEN_LIMIT_MS = 10_000;
const path: typeof SIGNAL_PATH = '/v1/signal';
const UPGRADE_BLOCKED: ApiErrorCode = 'upgradeBlocked';

export interface BrowserJoinOptions {
  /** `https://meet.example.org/booth`: without a slash at its end. */
  server: string;
  token: string;
  name: string;
  preferences: Preferences;
  /** The room is about to move to this server. Default: false. */
  ahead?: boolean;
  /** Joins without a device, to send and receive no media. Default: false. */
  withoutMedia?: boolean;
  /** Called with the addresses that the server receives media on, before any is connected to. */
  onServerAddresses?(addresses: readonly string[]): void;
  /** Called when a host has to admit the person first, which may take minutes; `giveUp` ends the wait. */
  onWaiting?(giveUp: () => void): void;
}

/** @throws {SignallingError} where the room cannot be reached or refuses the token; with the code `unsupported` where there is no WebRTC */
export const joinFromBrowser = (options: BrowserJoinOptions): Promise<RoomClient> =>
  followRoom(options.server, (server) => joinAt({ ...options, server }));

async function joinAt({ server, token, withoutMedia = false, ...options }: BrowserJoinOptions): Promise<RoomClient> {
  const device = withoutMedia ? undefined : await browserDevice();
  const socket = await openSocket(server, token);
  try {
    return await RoomClient.join({
      ...options,
      ...{ socket, device, clock: systemClock, retriesConnecting: true },
      watchSilence: (transport, onSilence) => watchSilence(transport, onSilence, systemClock),
    });
  } catch (error) {
    if (!(error instanceof RoomJoinError)) throw error;
    if (!error.end) throw error.cause;
    const { code, message } = endReason(error.end.code, error.end.reason);
    throw new SignallingError(code, message);
  }
}

/** Whether the browser has WebRTC. iOS in Lockdown Mode, Tor Browser and WebKitGTK have none, and people can switch it off in Firefox. */
export const hasWebRtc = (): boolean => 'RTCPeerConnection' in globalThis;

/** Whether this is Firefox at an address of the computer itself, where it connects no media: it uses no loopback addresses for them. */
export const isFirefoxOnLoopback = (
  { hostname }: Pick<Location, 'hostname'>,
  { userAgent }: Pick<Navigator, 'userAgent'>,
): boolean => /\bFirefox\/\d/.test(userAgent) && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** Whether media would go to this computer by its loopback addresses alone. */
export const areLoopback = (addresses: readonly string[]): boolean =>
  addresses.every((address) => /^(localhost|127(\.\d+){3}|::1)$/.test(address));

/** Calls `onChanged` when the browser is online again, as after a change of network. Returns a function that removes the listener. */
export function watchNetwork(onChanged: () => void): () => void {
  addEventListener('online', onChanged);
  return () => removeEventListener('online', onChanged);
}

/** The options with which a local track is produced. Whether it is enabled and when it stops is up to its owner, not to the producer. */
export function produceOptions(source: TrackSource, track: MediaStreamTrack): ProduceOptions {
  const encoding =
    track.kind === 'audio'
      ? // Without DTX silence is sent too, so that an interpreter receives pauses and no gaps.
        { codecOptions: { opusDtx: false, opusFec: true, opusNack: true, opusStereo: false } }
      : { encodings: [{ maxBitrate: source === 'screen' ? 1_500_000 : 900_000 }] };
  return { track, source, ...encoding, stopTracks: false, disableTrackOnPause: false, zeroRtpOnPause: true };
}

async function browserDevice(): Promise<Device> {
  // mediasoup-client looks at the browser's name and version only.
  const device = hasWebRtc() ? await Device.factory().catch(() => undefined) : undefined;
  if (device) return device;
  const why = "This browser cannot play the meeting's sound (it has no WebRTC). Captions go on.";
  throw new SignallingError(
    'unsupported',
    `${why} For the sound, open this page in a current Chrome, Edge, Firefox or Safari.`,
  );
}

function openSocket(server: string, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.replace(/^http/, 'ws')}${path}`, signalSubprotocols(token));
    const fail = () => {
      clearTimeout(timer);
      socket.close();
      void unreachable(server).then(reject);
    };
    const timer = setTimeout(fail, OPEN_LIMIT_MS);
    socket.addEventListener('error', fail, { once: true });
    socket.addEventListener(
      'open',
      () => {
        clearTimeout(timer);
        socket.removeEventListener('error', fail);
        resolve(socket);
      },
      { once: true },
    );
  });
}

/** Why no WebSocket opens, which a browser does not tell: the server is asked whether a proxy took the upgrade away. */
async function unreachable(server: string): Promise<SignallingError> {
  const response = await fetch(`${server}${path}`, { signal: AbortSignal.timeout(OPEN_LIMIT_MS) }).catch(
    () => undefined,
  );
  const problem: Partial<Problem> = (await response?.json().catch(() => undefined)) ?? {};
  return problem.code === UPGRADE_BLOCKED
    ? new SignallingError(UPGRADE_BLOCKED, problem.detail ?? '')
    : new SignallingError('unreachable', 'The server cannot be reached.');
}
