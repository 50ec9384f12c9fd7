/**
 * My microphone, camera and screen: each off, on, or in trouble, and which of several devices it is. A track that is opened
 * here is closed here; the microphone, once allowed, is muted without giving it back.
 */

import { Store } from '../state/store.ts';
import type { LocalTracks } from './publishing.ts';

export type LocalSource = 'microphone' | 'camera' | 'screen';
/** What there may be several of. */
export type SelectableSource = Exclude<LocalSource, 'screen'>;
/** By the browser's id of a device; what is not there is left to the system. */
type DeviceIds = Partial<Record<SelectableSource, string>>;

export type LocalDevice =
  | { is: 'off' }
  | { is: 'opening' }
  | { is: 'on'; track: MediaStreamTrack; muted: boolean }
  | { is: 'trouble'; why: DeviceTrouble };

/** `held`: by another program, perhaps. `gone`: it was there a moment ago. */
type DeviceTrouble = 'insecure' | 'refused' | 'missing' | 'held' | 'gone' | 'failed';

export type LocalDevices = Readonly<Record<LocalSource, LocalDevice>>;

const off: LocalDevice = { is: 'off' };

export class LocalMedia {
  readonly state = new Store<LocalDevices>({ microphone: off, camera: off, screen: off });
  readonly tracks = new Store<LocalTracks>(new Map());
  /** All that is plugged in, loudspeakers too; browsers name it once one was allowed. */
  readonly plugged = new Store<readonly MediaDeviceInfo[]>([]);
  readonly #devices: MediaDevices | undefined;
  #deviceIds: DeviceIds;

  /** `devices` is missing where the page has no right to any: an insecure address. */
  constructor(devices: MediaDevices | undefined, deviceIds: DeviceIds) {
    this.#devices = devices;
    this.#deviceIds = deviceIds;
    devices?.addEventListener('devicechange', () => this.#refreshDevices());
  }

  /** Another one of several; what is on goes on with it, muted or not as it was. */
  async selectDevice(source: SelectableSource, deviceId: string): Promise<void> {
    this.#deviceIds = { ...this.#deviceIds, [source]: deviceId };
    const device = this.#device(source);
    if (device.is !== 'on') return;
    this.close(source);
    await this.open(source);
    if (source === 'microphone' && device.muted) this.setMuted(true);
  }

  get available(): boolean {
    return this.#devices !== undefined;
  }

  get canShare(): boolean {
    return this.#devices !== undefined && 'getDisplayMedia' in this.#devices;
  }

  async open(source: LocalSource): Promise<void> {
    const { is } = this.#device(source);
    if (is === 'on' || is === 'opening') return;
    if (!this.#devices) {
      this.#set(source, { is: 'trouble', why: 'insecure' });
      return;
    }
    const opening: LocalDevice = { is: 'opening' };
    this.#set(source, opening);
    try {
      const track = await request[source](this.#devices, this.#deviceIds);
      if (this.#device(source) === opening) this.#opened(source, track);
      else track.stop();
      this.#refreshDevices();
    } catch (error) {
      if (this.#device(source) === opening) this.#set(source, refusal(source, error));
    }
  }

  close(source: LocalSource): void {
    const device = this.#device(source);
    if (device.is === 'on') device.track.stop();
    this.#set(source, off);
  }

  /** Speech stops here, at once, whatever becomes of the message to the server. */
  setMuted(muted: boolean): void {
    const { microphone } = this.state.value;
    if (microphone.is !== 'on') return;
    microphone.track.enabled = !muted;
    this.#set('microphone', { ...microphone, muted });
  }

  closeAll(): void {
    for (const source of ['microphone', 'camera', 'screen'] as const) this.close(source);
  }

  #refreshDevices(): void {
    this.#devices?.enumerateDevices().then(
      (plugged) => this.plugged.set(plugged),
      () => undefined,
    );
  }

  #device(source: LocalSource): LocalDevice {
    return this.state.value[source];
  }

  #opened(source: LocalSource, track: MediaStreamTrack): void {
    this.#set(source, { is: 'on', track, muted: false });
    track.addEventListener('ended', () => {
      const device = this.#device(source);
      if (device.is !== 'on' || device.track !== track) return;
      // Sharing a screen is ended from the browser's own bar; a microphone ends when it is pulled out.
      this.#set(source, source === 'screen' ? off : { is: 'trouble', why: 'gone' });
    });
  }

  #set(source: LocalSource, device: LocalDevice): void {
    this.state.set({ ...this.state.value, [source]: device });
    const tracks = Object.entries(this.state.value).flatMap(([name, local]) =>
      local.is === 'on' ? [[name as LocalSource, { track: local.track, paused: local.muted }] as const] : [],
    );
    this.tracks.set(new Map(tracks));
  }
}

async function firstTrack(stream: Promise<MediaStream>): Promise<MediaStreamTrack> {
  const [track] = (await stream).getTracks();
  if (!track) throw new DOMException('no track', 'NotFoundError');
  return track;
}

/** What is unplugged today must not keep anybody out. */
const preferably = (deviceId: string | undefined) => (deviceId ? { deviceId: { ideal: deviceId } } : {});

const request: Record<LocalSource, (devices: MediaDevices, picks: DeviceIds) => Promise<MediaStreamTrack>> = {
  microphone: (devices, { microphone }) =>
    firstTrack(
      devices.getUserMedia({
        audio: {
          channelCount: 1,
          echoCancellation: true,
          noiseSuppression: true,
          autoGainControl: true,
          ...preferably(microphone),
        },
      }),
    ),
  camera: (devices, { camera }) =>
    firstTrack(
      devices.getUserMedia({
        video: { width: 640, height: 360, frameRate: { max: 24 }, facingMode: 'user', ...preferably(camera) },
      }),
    ),
  screen: (devices) => firstTrack(devices.getDisplayMedia({ video: { frameRate: { max: 10 } } })),
};

function refusal(source: LocalSource, error: unknown): LocalDevice {
  const kind = error instanceof DOMException ? error.name : '';
  // Who closes the browser's list of screens has changed their mind.
  if (source === 'screen' && kind === 'NotAllowedError') return off;
  return { is: 'trouble', why: troubles[kind] ?? 'failed' };
}

/** By the name of the browser's error. */
const troubles: Record<string, DeviceTrouble> = {
  NotAllowedError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'held',
  AbortError: 'held',
};
