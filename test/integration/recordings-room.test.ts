/** `booth speak` with a video: what a room hears and sees of it. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { webp } from '../../bot/vision/key-frame/still-image.ts';
import { KeyFrameGrabber } from '../../bot/vision/key-frame-grabber.ts';
import { systemClock } from '../../time/clock.ts';
import { startBooth, temporaryFolder } from '../support/booth-process.ts';
import { Guest } from '../support/meeting.ts';
import { ffmpeg, prompt } from '../support/recordings.ts';
import { person, startTestServer, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

describe('booth speak', () => {
  it('says a video again and again, and shows its picture, until Ctrl-C', async () => {
    const talk = join(temporaryFolder(), 'talk.mp4');
    ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'color=red:size=320x180:rate=15',
      '-i',
      prompt('pls-hold-while-try'),
      '-shortest',
      '-c:v',
      'libx264',
      talk,
    );
    const server = await startTestServer();
    onTestFinished(() => server.close());
    const eva = await Guest.enter(server, person('eva', { room: 'hall' }));
    onTestFinished(() => eva.room.close());
    const speaking = startBooth(['speak', talk, '--room', 'hall', '--url', server.url, '--loop'], {
      environment: { BOOTH_TOKEN: tokenOf(person('ann', { room: 'hall' })) },
    });
    const { producers } = await eva.sees('ann', (view) => view.producers.length === 2);
    const producerOf = (source: string) => producers.find((producer) => producer.source === source)?.id ?? '';
    const heardAt: number[] = [];
    await eva.room.receiveAudio(producerOf('microphone'), () => heardAt.push(performance.now()));
    const grabber = await KeyFrameGrabber.open({
      connection: eva.room,
      producerId: producerOf('camera'),
      longSide: 480,
      clock: systemClock,
    });
    // The picture begins with the sound, and a grabber waits for it no longer than four seconds.
    let frame = await grabber.grab();
    for (; !frame; frame = await grabber.grab()) await delay(200);
    expect(frame).toMatchObject({ codec: 'vp8', size: { width: 320, height: 180 } });
    const { dominant } = await sharp(webp(frame)).stats();
    expect(dominant.r).toBeGreaterThan(200);
    expect(dominant.g).toBeLessThan(60);
    // It lasts less than four seconds, and is still heard after six.
    await until(() => (heardAt.at(-1) ?? 0) - (heardAt[0] ?? 0) > 6000);
    speaking.interrupt();
    expect(await speaking.ended).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
