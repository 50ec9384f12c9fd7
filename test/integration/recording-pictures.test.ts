/** The pictures of a video that go with its speech. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { videoPictures } from '../../cli/recording-pictures.ts';
import { jpegSize } from '../../images/jpeg-size.ts';
import { temporaryFolder } from '../support/booth-process.ts';
import { ffmpegPrograms, made, prompt } from '../support/recordings.ts';
import { makeTalk } from '../support/talk-recording.ts';

function picturesOf(path: string, fromSeconds = 0) {
  const pictures = videoPictures({ path, programs: ffmpegPrograms, fromSeconds });
  onTestFinished(() => pictures.close?.());
  return pictures;
}

/** The second at which the picture was taken that goes with each of these seconds. */
async function takenFor(path: string, seconds: readonly number[], fromSeconds?: number) {
  const pictures = picturesOf(path, fromSeconds);
  const taken: (number | undefined)[] = [];
  for (const second of seconds) {
    const picture = await pictures.at(second * 1000);
    taken.push(picture && Number(picture.id) / 1000);
  }
  return taken;
}

describe('the picture that goes with speech', () => {
  it('is the slide that is seen meanwhile, taken once, whoever asks', async () => {
    const { path } = makeTalk(temporaryFolder(), { seconds: 24, slideSeconds: 8 });
    expect(await takenFor(path, [0, 7, 9, 15, 17, 23, 30])).toEqual([0, 0, 8, 8, 16, 16, 16]);
    const pictures = picturesOf(path);
    const [ahead, behind] = await Promise.all([pictures.at(17_000), pictures.at(1000)]);
    expect([ahead?.id, behind?.id]).toEqual(['16000', '0']);
    expect(jpegSize(ahead?.jpeg ?? new Uint8Array())).toEqual({ width: 640, height: 360 });
  });

  it('is the one at which the speech begins, and then what changes, where the speech begins later', async () => {
    const { path } = makeTalk(temporaryFolder(), { seconds: 24, slideSeconds: 8 });
    expect(await takenFor(path, [10, 15, 17], 10)).toEqual([10, 10, 16]);
  });

  it('is none where there is no picture, and nobody is kept from being translated', async () => {
    expect(await takenFor(made('talk.mp3', '-i', prompt('pls-hold-while-try')), [0, 5])).toEqual([
      undefined,
      undefined,
    ]);
  });
});
