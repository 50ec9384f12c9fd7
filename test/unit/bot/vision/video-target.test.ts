import type { ParticipantView, ProducerView } from '@mediasoup-booth/protocol';
import { describe, expect, it } from 'vitest';
import { person } from '../../../../bench/support/views.ts';
import { videoTargetFor } from '../../../../bot/vision/video-target.ts';

const video = (id: string, source: 'camera' | 'screen', more: Partial<ProducerView> = {}): ProducerView => ({
  id,
  kind: 'video',
  source,
  paused: false,
  ...more,
});
const room = (...people: ParticipantView[]) => new Map(people.map((one) => [one.id, one]));
const ann = (more: Partial<ParticipantView> = {}) =>
  person('ann', { producers: [video('ann-camera', 'camera')], ...more });
const bob = (more: Partial<ParticipantView> = {}) =>
  person('bob', { producers: [video('bob-camera', 'camera'), video('bob-screen', 'screen')], ...more });

describe('videoTargetFor', () => {
  it('is the speaker’s camera', () => {
    expect(videoTargetFor('ann', room(ann()))).toEqual({ producerId: 'ann-camera', source: 'camera' });
  });

  it('is a screen shared in the room, whoever shares it', () => {
    expect(videoTargetFor('ann', room(ann(), bob()))).toEqual({ producerId: 'bob-screen', source: 'screen' });
  });

  it('is the speaker’s own screen if several share', () => {
    const both = ann({ producers: [video('ann-camera', 'camera'), video('ann-screen', 'screen')] });
    expect(videoTargetFor('ann', room(bob(), both))?.producerId).toBe('ann-screen');
    expect(videoTargetFor('bob', room(both, bob()))?.producerId).toBe('bob-screen');
  });

  it('is never another person’s camera, a paused video, or an interpreter’s', () => {
    const silent = ann({ producers: [] });
    expect(videoTargetFor('ann', room(silent, bob({ producers: [video('bob-camera', 'camera')] })))).toBeUndefined();
    expect(videoTargetFor('ann', room(ann({ producers: [video('c', 'camera', { paused: true })] })))).toBeUndefined();
    expect(videoTargetFor('ann', room(silent, bob({ kind: 'interpreter' })))).toBeUndefined();
  });

  it.each([{ pictures: false }, { interpret: false }])('is never the video of somebody who refuses: %o', (refusal) => {
    expect(videoTargetFor('ann', room(ann(refusal)))).toBeUndefined();
    expect(videoTargetFor('ann', room(ann(), bob(refusal)))?.producerId).toBe('ann-camera');
  });
});
