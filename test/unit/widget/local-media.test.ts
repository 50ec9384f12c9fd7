/** The microphone of a person, on scripted devices: what is muted stays muted. */
import { describe, expect, it } from 'vitest';
import { isHeard, LocalMedia } from '../../../client-widget/media/local-media.ts';

class ScriptedTrack extends EventTarget {
  readonly kind = 'audio';
  enabled = true;
  muted = false;
  stopped = false;
  readonly #deviceId: string;
  constructor(deviceId: string) {
    super();
    this.#deviceId = deviceId;
  }
  getSettings() {
    return { deviceId: this.#deviceId };
  }
  stop(): void {
    this.stopped = true;
  }
  setMutedBySystem(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
  }
}

class ScriptedDevices extends EventTarget {
  plugged = ['built-in', 'headset'];
  readonly opened: ScriptedTrack[] = [];

  async getUserMedia({ audio }: { audio: { deviceId?: { ideal: string } } }) {
    const wanted = audio.deviceId?.ideal ?? '';
    const track = new ScriptedTrack(this.plugged.includes(wanted) ? wanted : (this.plugged[0] ?? ''));
    this.opened.push(track);
    return { getTracks: () => [track] };
  }
  async enumerateDevices() {
    return this.plugged.map((deviceId) => ({ deviceId, kind: 'audioinput' }));
  }
  get newest(): ScriptedTrack {
    const track = this.opened.at(-1);
    if (!track) throw new Error('nothing was opened');
    return track;
  }
  unplug(deviceId: string): void {
    this.plugged = this.plugged.filter((one) => one !== deviceId);
    this.newest.dispatchEvent(new Event('ended'));
    this.dispatchEvent(new Event('devicechange'));
  }
  plug(deviceId: string): void {
    this.plugged = [...this.plugged, deviceId];
    this.dispatchEvent(new Event('devicechange'));
  }
}

async function setUp() {
  const devices = new ScriptedDevices();
  const local = new LocalMedia(devices as unknown as MediaDevices, { microphone: 'headset' });
  /** Whether the microphone was ever published so that it is heard, since the last call. */
  let wasHeard = false;
  local.tracks.watch((tracks) => {
    wasHeard ||= tracks.get('microphone')?.paused === false;
  });
  const wasHeardSince = () => {
    const before = wasHeard;
    wasHeard = false;
    return before;
  };
  await local.open('microphone');
  wasHeardSince();
  return { devices, local, wasHeardSince };
}

/** What was promised is done. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('a microphone that is muted', () => {
  it('is not heard for a moment when another one is chosen', async () => {
    const { devices, local, wasHeardSince } = await setUp();
    local.setMuted(true);
    await local.selectDevice('microphone', 'built-in');
    expect(devices.opened.map(({ enabled }) => enabled)).toEqual([false, false]);
    expect(local.state.value.microphone).toMatchObject({ is: 'on', muted: true });
    expect(wasHeardSince()).toBe(false);
    local.setMuted(false);
    expect(wasHeardSince()).toBe(true);
  });

  it('stays muted when it is unplugged and plugged in again', async () => {
    const { devices, local, wasHeardSince } = await setUp();
    local.setMuted(true);
    devices.unplug('headset');
    await settled();
    expect(local.state.value.microphone).toEqual({ is: 'trouble', why: 'gone' });
    devices.plug('headset');
    await settled();
    expect(local.state.value.microphone).toMatchObject({ is: 'on', muted: true });
    expect(wasHeardSince()).toBe(false);
  });

  it('is opened muted where it was muted while it was being opened', async () => {
    const { local, wasHeardSince } = await setUp();
    local.close('microphone');
    const opened = local.open('microphone');
    local.setMuted(true);
    await opened;
    expect(local.state.value.microphone).toMatchObject({ is: 'on', muted: true });
    expect(wasHeardSince()).toBe(false);
  });

  it('is muted still when the system has muted and unmuted it', async () => {
    const { devices, local, wasHeardSince } = await setUp();
    local.setMuted(true);
    devices.newest.setMutedBySystem(true);
    devices.newest.setMutedBySystem(false);
    expect(local.state.value.microphone).toMatchObject({ muted: true, mutedBySystem: false });
    expect(wasHeardSince()).toBe(false);
  });
});

describe('a microphone that the system mutes', () => {
  it('is not heard until the system unmutes it', async () => {
    const { devices, local, wasHeardSince } = await setUp();
    devices.newest.setMutedBySystem(true);
    expect(isHeard(local.state.value.microphone)).toBe(false);
    expect(local.tracks.value.get('microphone')?.paused).toBe(true);
    devices.newest.setMutedBySystem(false);
    expect(isHeard(local.state.value.microphone)).toBe(true);
    expect(wasHeardSince()).toBe(true);
  });

  it('is opened anew when the person wants to be heard', async () => {
    const { devices, local } = await setUp();
    const [first] = devices.opened;
    first?.setMutedBySystem(true);
    await local.open('microphone');
    expect(first?.stopped).toBe(true);
    expect(devices.opened).toHaveLength(2);
    expect(isHeard(local.state.value.microphone)).toBe(true);
    // What becomes of the first one concerns nobody any more.
    first?.setMutedBySystem(false);
    expect(local.tracks.value.get('microphone')?.track).toBe(devices.newest);
  });
});

describe('a microphone that is unplugged', () => {
  it('opens again when it is back, and no other one instead', async () => {
    const { devices, local } = await setUp();
    devices.unplug('headset');
    devices.plug('another');
    await settled();
    expect(local.state.value.microphone).toEqual({ is: 'trouble', why: 'gone' });
    devices.plug('headset');
    await settled();
    expect(isHeard(local.state.value.microphone)).toBe(true);
    expect(devices.opened).toHaveLength(2);
  });

  it('stays off where the person has left meanwhile', async () => {
    const { devices, local } = await setUp();
    devices.unplug('headset');
    local.closeAll();
    devices.plug('headset');
    await settled();
    expect(local.state.value.microphone).toEqual({ is: 'off' });
  });
});
