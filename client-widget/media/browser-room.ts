/** Joins a room from a browser, over its WebSocket and its WebRTC; a failure is described in words for people. */
import { Device } from 'mediasoup-client';
import type { Preferences, TrackSource } from '../../protocol/rooms.ts';
import { signalSubprotocols } from '../../protocol/signal-subprotocol.ts';
import type { SIGNAL_PATH } from '../../protocol/signalling.ts';
import { type ProduceOptions, RoomClient, RoomJoinError } from '../../room-client/room-client.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import { systemClock } from '../../time/clock.ts';
import { endReason } from './rejoin.ts';
import { watchSilence } from './silence-watch.ts';

const OPEN_LIMIT_MS = 10_000;
const path: typeof SIGNAL_PATH = '/v1/signal';

export interface BrowserJoinOptions {
  /** `ws:` or `wss:` of the server. */
  origin: string;
  token: string;
  name: string;
  preferences: Preferences;
  /** Called when a host has to admit the person first, which may take minutes; `giveUp` ends the wait. */
  onWaiting?(giveUp: () => void): void;
}

/** @throws {SignallingError} where the room cannot be reached or refuses the token */
export async function joinFromBrowser({ origin, token, ...options }: BrowserJoinOptions): Promise<RoomClient> {
  const device = await browserDevice();
  const socket = await openSocket(`${origin}${path}`, token);
  try {
    return await RoomClient.join({
      ...options,
      ...{ socket, device, clock: systemClock },
      watchSilence: (transport, onSilence) => watchSilence(transport, onSilence, systemClock),
    });
  } catch (error) {
    if (!(error instanceof RoomJoinError)) throw error;
    if (!error.end) throw error.cause;
    const { code, message } = endReason(error.end.code, error.end.reason);
    throw new SignallingError(code, message);
  }
}

/** Whether this is Firefox at an address of the computer itself, where it connects no media: it uses no loopback addresses for them. */
export const isFirefoxOnLoopback = (
  { hostname }: Pick<Location, 'hostname'>,
  { userAgent }: Pick<Navigator, 'userAgent'>,
): boolean => /\bFirefox\/\d/.test(userAgent) && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

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
  try {
    return await Device.factory();
  } catch {
    const remedy = 'Open this page in a current Chrome, Edge, Firefox or Safari.';
    throw new SignallingError('unsupported', `This browser cannot send or receive sound as meetings do. ${remedy}`);
  }
}

function openSocket(url: string, token: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, signalSubprotocols(token));
    const fail = () => {
      clearTimeout(timer);
      socket.close();
      reject(new SignallingError('unreachable', 'The server cannot be reached.'));
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
