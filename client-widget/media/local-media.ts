/**
 * The microphone, camera and screen of this person: each is off, opening, on or in trouble. A track that is opened here is closed here.
 * Muting the microphone keeps its track open.
 *
 * Hard requirement: whoever is muted stays muted until they unmute themselves, also when the microphone is opened, changed, or plugged in
 * again meanwhile. A device that was unplugged opens again when it is back.
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
  /** `muted`: by the person. `mutedBySystem`: by the operating system, or by a key on the device; the page cannot unmute it. */
  | { is: 'on'; track: MediaStreamTrack; muted: boolean; mutedBySystem: boolean }
  | { is: 'trouble'; why: DeviceTrouble };

/** `held`: another program may use the device. `gone`: it was unplugged while in use. */
type DeviceTrouble = 'insecure' | 'refused' | 'missing' | 'held' | 'gone' | 'failed';

export type LocalDevices = Readonly<Record<LocalSource, LocalDevice>>;

const off: LocalDevice = { is: 'off' };

/** Whether what the microphone picks up is sent. */
export const isHeard = (device: LocalDevice): boolean => device.is === 'on' && !device.muted && !device.mutedBySystem;

export class LocalMedia {
  readonly state = new Store<LocalDevices>({ microphone: off, camera: off, screen: off });
  readonly tracks = new Store<LocalTracks>(new Map());
  /** Every plugged-in device, loudspeakers included; browsers give their names once one was allowed. */
  readonly plugged = new Store<readonly MediaDeviceInfo[]>([]);
  readonly #devices: MediaDevices | undefined;
  #deviceIds: DeviceIds;
  /** Whether the person has muted the microphone, whatever its state. */
  #muted = false;
  /** The devices that were unplugged while they were in use. */
  readonly #unplugged = new Map<LocalSource, string>();

  /** @param devices undefined at an insecure address, where the page may use no device */
  constructor(devices: MediaDevices | undefined, deviceIds: DeviceIds) {
    this.#devices = devices;
    this.#deviceIds = deviceIds;
    devices?.addEventListener('devicechange', () => this.#refreshDevices());
  }

  /** Switches to another device; a source that is on reopens with it. */
  async selectDevice(source: SelectableSource, deviceId: string): Promise<void> {
    this.#deviceIds = { ...this.#deviceIds, [source]: deviceId };
    if (this.#device(source).is !== 'on') return;
    this.close(source);
    await this.open(source);
  }

  get available(): boolean {
    return this.#devices !== undefined;
  }

  get canShare(): boolean {
    return this.#devices !== undefined && 'getDisplayMedia' in this.#devices;
  }

  /** Opens a source that is not on. A microphone that the system has muted is opened anew, which may bring it back. */
  async open(source: LocalSource): Promise<void> {
    const device = this.#device(source);
    if (device.is === 'on' && device.mutedBySystem) this.close(source);
    else if (device.is === 'on' || device.is === 'opening') return;
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
    this.#unplugged.delete(source);
    this.#set(source, off);
  }

  /** Mutes the track itself, so that no speech leaves this computer even if the server is not told. */
  setMuted(muted: boolean): void {
    this.#muted = muted;
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
      (plugged) => {
        this.plugged.set(plugged);
        this.#reopen(plugged);
      },
      () => undefined,
    );
  }

  /** Opens the devices again that were unplugged and are back. */
  #reopen(plugged: readonly MediaDeviceInfo[]): void {
    for (const [source, id] of this.#unplugged) {
      const { is } = this.#device(source);
      if (is === 'trouble' && plugged.some(({ deviceId }) => deviceId === id)) void this.open(source);
    }
  }

  #device(source: LocalSource): LocalDevice {
    return this.state.value[source];
  }

  #opened(source: LocalSource, track: MediaStreamTrack): void {
    const muted = source === 'microphone' && this.#muted;
    track.enabled = !muted;
    this.#unplugged.delete(source);
    this.#set(source, { is: 'on', track, muted, mutedBySystem: mutedBySystem(source, track) });
    const refresh = () => {
      const device = this.#device(source);
      if (device.is === 'on' && device.track === track)
        this.#set(source, { ...device, mutedBySystem: mutedBySystem(source, track) });
    };
    track.addEventListener('mute', refresh);
    track.addEventListener('unmute', refresh);
    track.addEventListener('ended', () => this.#ended(source, track));
  }

  #ended(source: LocalSource, track: MediaStreamTrack): void {
    const device = this.#device(source);
    if (device.is !== 'on' || device.track !== track) return;
    // Screen sharing ends from the browser's own bar; a microphone ends when it is unplugged.
    if (source === 'screen') {
      this.#set(source, off);
      return;
    }
    this.#unplugged.set(source, track.getSettings().deviceId ?? '');
    this.#set(source, { is: 'trouble', why: 'gone' });
    this.#refreshDevices();
  }

  #set(source: LocalSource, device: LocalDevice): void {
    this.state.set({ ...this.state.value, [source]: device });
    const tracks = Object.entries(this.state.value).flatMap(([name, local]) =>
      local.is === 'on'
        ? [[name as LocalSource, { track: local.track, paused: local.muted || local.mutedBySystem }] as const]
        : [],
    );
    this.tracks.set(new Map(tracks));
  }
}

/** The tracks of a camera or a screen are muted whenever there is no picture for a moment, which needs no notice. */
const mutedBySystem = (source: LocalSource, track: MediaStreamTrack): boolean => source === 'microphone' && track.muted;

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
