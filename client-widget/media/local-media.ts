/**
 * The microphone, camera and screen of this person: each is off, opening, on or in trouble. A track that is opened here is closed here.
 * Muting the microphone keeps its track open.
 */

import { Store } from '../state/store.ts';
import type { LocalTracks } from './publishing.ts';

export type LocalSource = 'microphone' | 'camera' | 'screen';
/** The sources of which a computer may have several devices. */
export type SelectableSource = Exclude<LocalSource, 'screen'>;
/** The chosen device of each source, by the browser's id; a missing device is left to the system. */
type DeviceIds = Partial<Record<SelectableSource, string>>;

export type LocalDevice =
  | { is: 'off' }
  | { is: 'opening' }
  | { is: 'on'; track: MediaStreamTrack; muted: boolean }
  | { is: 'trouble'; why: DeviceTrouble };

/** `held`: another program may use the device. `gone`: it was unplugged while in use. */
type DeviceTrouble = 'insecure' | 'refused' | 'missing' | 'held' | 'gone' | 'failed';

export type LocalDevices = Readonly<Record<LocalSource, LocalDevice>>;

const off: LocalDevice = { is: 'off' };

export class LocalMedia {
  readonly state = new Store<LocalDevices>({ microphone: off, camera: off, screen: off });
  readonly tracks = new Store<LocalTracks>(new Map());
  /** Every plugged-in device, loudspeakers included; browsers give their names once one was allowed. */
  readonly plugged = new Store<readonly MediaDeviceInfo[]>([]);
  readonly #devices: MediaDevices | undefined;
  #deviceIds: DeviceIds;

  /** @param devices undefined at an insecure address, where the page may use no device */
  constructor(devices: MediaDevices | undefined, deviceIds: DeviceIds) {
    this.#devices = devices;
    this.#deviceIds = deviceIds;
    devices?.addEventListener('devicechange', () => this.#refreshDevices());
  }

  /** Switches to another device; a source that is on reopens with it, and stays muted if it was. */
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

  /** Mutes the track itself, so that no speech leaves this computer even if the server is not told. */
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
      // Screen sharing ends from the browser's own bar; a microphone ends when it is unplugged.
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

/** The device is `ideal`, not `exact`, so that an unplugged one does not keep the person out. */
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
  // Closing the browser's list of screens means that the person changed their mind.
  if (source === 'screen' && kind === 'NotAllowedError') return off;
  return { is: 'trouble', why: troubles[kind] ?? 'failed' };
}

/** Causes by the name of the browser's error. */
const troubles: Record<string, DeviceTrouble> = {
  NotAllowedError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'held',
  AbortError: 'held',
};
