/**
 * My microphone, camera and screen: each off, on, or in trouble with what I can do about it. A track that is opened here is
 * closed here; the microphone, once allowed, is muted without giving it back.
 */
import type { LocalTracks } from './publishing.ts';
import { Store } from './store.ts';

export type LocalSource = 'microphone' | 'camera' | 'screen';

export type LocalDevice =
  | { is: 'off' }
  | { is: 'opening' }
  | { is: 'on'; track: MediaStreamTrack; muted: boolean }
  | { is: 'trouble'; message: string };

export type LocalDevices = Readonly<Record<LocalSource, LocalDevice>>;

const off: LocalDevice = { is: 'off' };

export class LocalMedia {
  readonly state = new Store<LocalDevices>({ microphone: off, camera: off, screen: off });
  readonly tracks = new Store<LocalTracks>(new Map());
  readonly #devices: MediaDevices | undefined;

  /** `devices` is missing where the page has no right to any: an insecure address. */
  constructor(devices: MediaDevices | undefined) {
    this.#devices = devices;
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
      this.#set(source, { is: 'trouble', message: needsHttps(source) });
      return;
    }
    const opening: LocalDevice = { is: 'opening' };
    this.#set(source, opening);
    try {
      const track = await request[source](this.#devices);
      if (this.#device(source) === opening) this.#opened(source, track);
      else track.stop();
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

  #device(source: LocalSource): LocalDevice {
    return this.state.value[source];
  }

  #opened(source: LocalSource, track: MediaStreamTrack): void {
    this.#set(source, { is: 'on', track, muted: false });
    track.addEventListener('ended', () => {
      const device = this.#device(source);
      if (device.is !== 'on' || device.track !== track) return;
      // Sharing a screen is ended from the browser's own bar; a microphone ends when it is pulled out.
      this.#set(source, source === 'screen' ? off : { is: 'trouble', message: `The ${source} is gone.` });
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

const request: Record<LocalSource, (devices: MediaDevices) => Promise<MediaStreamTrack>> = {
  microphone: (devices) =>
    firstTrack(
      devices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      }),
    ),
  camera: (devices) =>
    firstTrack(
      devices.getUserMedia({ video: { width: 640, height: 360, frameRate: { max: 24 }, facingMode: 'user' } }),
    ),
  screen: (devices) => firstTrack(devices.getDisplayMedia({ video: { frameRate: { max: 10 } } })),
};

/** `navigator.mediaDevices` exists only on HTTPS and on this computer's own addresses. */
export const needsHttps = (source: LocalSource): string =>
  `A ${source} needs a secure address: HTTPS, or 127.0.0.1 on the computer that Booth runs on. From here you can listen and read.`;

function refusal(source: LocalSource, error: unknown): LocalDevice {
  const kind = error instanceof DOMException ? error.name : '';
  // Who closes the browser's list of screens has changed their mind.
  if (source === 'screen' && kind === 'NotAllowedError') return off;
  const meanwhile = source === 'microphone' ? ' Until then you can listen and read.' : '';
  return { is: 'trouble', message: (remedies[kind]?.(source) ?? `The ${source} could not be opened.`) + meanwhile };
}

const notFound = (source: LocalSource) => `No ${source} was found. Plug one in, then try again.`;
const noAnswer = (source: LocalSource) => `The ${source} does not answer. Another program may be holding it.`;

/** By the name of the browser's error. */
const remedies: Record<string, (source: LocalSource) => string> = {
  NotAllowedError: (source) =>
    `The browser does not let this page use the ${source}. Allow it beside the address, then try again.`,
  NotFoundError: notFound,
  OverconstrainedError: notFound,
  NotReadableError: noAnswer,
  AbortError: noAnswer,
};
