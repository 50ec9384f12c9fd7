/** Silent stand-ins of microphones, of which the test sees whether they are heard and whether they have ended. */
import { describe, expect, it } from 'vitest';
import type { LocalTrack, LocalTracks } from '../../../client-widget/media/publishing.ts';
import { SilentTracks } from '../../../client-widget/media/silent-tracks.ts';

class Track {
  readonly kind: string;
  enabled = true;
  stopped = false;
  readonly copies: Track[] = [];

  constructor(kind = 'audio') {
    this.kind = kind;
  }
  clone(): Track {
    const copy = new Track(this.kind);
    this.copies.push(copy);
    return copy;
  }
  stop(): void {
    this.stopped = true;
  }
}

const local = (track: Track, paused = false): LocalTrack => ({ track: track as unknown as MediaStreamTrack, paused });

describe('what is published where nothing is to be heard yet', () => {
  it('is a silent copy of the microphone, muted as it is, and no picture', () => {
    const [microphone, camera] = [new Track(), new Track('video')];
    const silent = new SilentTracks();
    const tracks: LocalTracks = new Map([
      ['microphone', local(microphone, true)],
      ['camera', local(camera)],
    ]);
    const published = silent.of(tracks);
    expect([...published]).toEqual([['microphone', { track: microphone.copies[0], paused: true }]]);
    expect([microphone.copies[0]?.enabled, microphone.enabled, camera.copies]).toEqual([false, true, []]);
  });

  it('stays the same copy while the microphone is, and ends with it', () => {
    const [microphone, other] = [new Track(), new Track()];
    const silent = new SilentTracks();
    silent.of(new Map([['microphone', local(microphone)]]));
    silent.of(new Map([['microphone', local(microphone, true)]]));
    expect(microphone.copies).toHaveLength(1);
    silent.of(new Map([['microphone', local(other)]]));
    expect([microphone.copies[0]?.stopped, microphone.stopped]).toEqual([true, false]);
    silent.stop();
    expect([other.copies[0]?.stopped, other.stopped]).toEqual([true, false]);
  });
});
