import { describe, expect, it } from 'vitest';
import { FrameAssembler, type VideoPacket } from '../../../../../bot/vision/key-frame/frame-assembler.ts';
import { type KeyFrame, type VideoCodec, videoCodecs } from '../../../../../bot/vision/key-frame/key-frame.ts';
import { randomFrom } from '../../../../support/noise.ts';
import {
  deltaFrame,
  longFrame,
  pictureSize,
  recordedFrame,
  unevenFrame,
  VideoSender,
} from '../../../../support/video.ts';

const START_CODE = Buffer.from([0, 0, 0, 1]);
const isComment = (unit: Buffer): boolean => (unit[0] ?? 0) % 32 === 6;
function unitsOf(frame: Buffer): Buffer[] {
  const start = frame.indexOf(START_CODE.subarray(1));
  if (start < 0) return [];
  const rest = frame.subarray(start + 3);
  const next = rest.indexOf(START_CODE.subarray(1));
  const end = next < 0 ? rest.length : rest[next - 1] === 0 ? next - 1 : next;
  return [rest.subarray(0, end), ...unitsOf(rest.subarray(end))];
}

/** What of a recorded frame is kept: of H264 no comments, of AV1 no delimiter. */
const kept: Record<VideoCodec, (frame: Buffer) => Buffer> = {
  vp8: (frame) => frame,
  vp9: (frame) => frame,
  h264: (frame) =>
    Buffer.concat(
      unitsOf(frame)
        .filter((unit) => !isComment(unit))
        .flatMap((unit) => [START_CODE, unit]),
    ),
  av1: (frame) => frame.subarray(2),
};

const framesOf = (codec: VideoCodec, packets: readonly VideoPacket[]): KeyFrame[] => {
  const assembler = new FrameAssembler(codec);
  return packets.map((packet) => assembler.push(packet)).filter((frame) => frame !== undefined);
};

const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

describe.each(videoCodecs)('a key frame of %s', (codec) => {
  const frame = recordedFrame(codec);
  const expected = { codec, size: pictureSize, data: kept[codec](frame) };

  it('is assembled from its packets as it was recorded, with its size', () => {
    const packets = new VideoSender(codec).frame(frame);
    expect(packets.length).toBeGreaterThan(2);
    expect(framesOf(codec, packets)).toEqual([expected]);
  });

  it('is assembled once, in whatever order and however often its packets arrive', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const packets = new VideoSender(codec).frame(frame);
      const arrivals = shuffled([...packets, ...packets], randomFrom(seed));
      expect(framesOf(codec, arrivals)).toEqual([expected]);
    }
  });

  it('is not complete while one of its packets is missing, and is when that arrives late', () => {
    const packets = new VideoSender(codec).frame(frame);
    for (const missing of packets) {
      const others = packets.filter((packet) => packet !== missing);
      expect(framesOf(codec, others)).toEqual([]);
      expect(framesOf(codec, [...others, missing])).toEqual([expected]);
    }
  });

  it('is found among delta frames, even if some arrive before its last packet', () => {
    const sender = new VideoSender(codec);
    const before = Array.from({ length: 10 }, () => sender.frame(deltaFrame(codec, 3000))).flat();
    const packets = sender.frame(frame);
    const after = Array.from({ length: 10 }, () => sender.frame(deltaFrame(codec, 3000))).flat();
    const [late, ...others] = packets;
    if (!late) throw new Error('no packets');
    expect(framesOf(codec, [...before, ...packets])).toEqual([expected]);
    expect(framesOf(codec, [...before, ...others, ...after, late])).toEqual([expected]);
    expect(framesOf(codec, [...before, ...after])).toEqual([]);
  });

  it('that has started waits for its end, however many other frames arrive without their start', () => {
    const sender = new VideoSender(codec);
    const packets = sender.frame(frame);
    const headless = Array.from({ length: 20 }, () => sender.frame(longFrame(codec, 5000)).slice(1)).flat();
    expect(framesOf(codec, [...packets.slice(0, -1), ...headless, ...packets.slice(-1)])).toEqual([expected]);
  });

  it('that never ends holds a bounded number of packets, and the next one is still assembled', () => {
    const sender = new VideoSender(codec);
    const endless = sender.frame(longFrame(codec, 3_000_000)).map((packet) => ({ ...packet, marker: false }));
    const assembler = new FrameAssembler(codec);
    let most = 0;
    for (const packet of endless.slice(0, -1)) {
      expect(assembler.push(packet)).toBeUndefined();
      most = Math.max(most, assembler.heldPackets);
    }
    expect(most).toBeLessThanOrEqual(1024);
    expect(
      sender
        .frame(frame)
        .map((packet) => assembler.push(packet))
        .at(-1),
    ).toEqual(expected);
  });

  it('is still found among a thousand other frames', () => {
    const sender = new VideoSender(codec);
    const assembler = new FrameAssembler(codec);
    for (let i = 0; i < 1000; i++) {
      // The first packet of each is lost: whose it is, nobody knows.
      for (const packet of sender.frame(longFrame(codec, 5000)).slice(1)) assembler.push(packet);
    }
    expect(assembler.heldPackets).toBeLessThanOrEqual(40);
    expect(
      sender
        .frame(frame)
        .map((packet) => assembler.push(packet))
        .at(-1),
    ).toEqual(expected);
  });

  it('is not assembled from garbage, which does no harm', () => {
    const random = randomFrom(7);
    const assembler = new FrameAssembler(codec);
    for (let i = 0; i < 20_000; i++) {
      const payload = Buffer.from(Array.from({ length: random() * 40 }, () => random() * 256));
      const sequenceNumber = Math.floor(random() * 0x10000);
      assembler.push({ sequenceNumber, timestamp: Math.floor(random() * 20), marker: random() < 0.3, payload });
    }
    expect(assembler.heldPackets).toBeLessThanOrEqual(1024);
    expect(
      new VideoSender(codec)
        .frame(frame)
        .map((packet) => assembler.push(packet))
        .at(-1),
    ).toEqual(expected);
  });

  it('with damaged bytes never throws', () => {
    const random = randomFrom(11);
    for (let i = 0; i < 300; i++) {
      const packets = new VideoSender(codec).frame(frame);
      for (const { payload } of packets) payload[Math.floor(random() * Math.min(60, payload.length))] = random() * 256;
      expect(framesOf(codec, packets).length).toBeLessThanOrEqual(1);
    }
  });
});

describe('the size of a key frame', () => {
  it.each([
    ['vp8', 6, [0x10, 0x27, 0x10, 0x27]],
    ['vp9', 4, undefined],
  ] as const)('is what its header claims (%s)', (codec, at, bytes) => {
    const frame = Buffer.from(recordedFrame(codec));
    if (bytes) frame.set(bytes, at);
    const [found] = framesOf(codec, new VideoSender(codec).frame(frame));
    expect(found?.size).toEqual(bytes ? { width: 10_000, height: 10_000 } : pictureSize);
  });
});

describe('H264 of a size that its blocks do not fill', () => {
  it('is reported with the size after cropping', () => {
    const [frame] = framesOf('h264', new VideoSender('h264').frame(unevenFrame()));
    expect(frame?.size).toEqual({ width: 330, height: 186 });
  });
});

describe('VP9 in several spatial layers', () => {
  const frame = recordedFrame('vp9');
  const third = Math.ceil(frame.length / 3);
  const packet = (sequenceNumber: number, layer: number, flags: number, data: Buffer, marker = false): VideoPacket => ({
    sequenceNumber,
    timestamp: 1,
    marker,
    payload: Buffer.concat([Buffer.from([0x20 | flags, layer << 1, 0]), data]),
  });
  const low = [
    packet(5, 0, 0x08, frame.subarray(0, third)),
    packet(6, 0, 0, frame.subarray(third, 2 * third)),
    packet(7, 0, 0x04, frame.subarray(2 * third)),
  ];
  const high = [packet(8, 1, 0x08, Buffer.alloc(20)), packet(9, 1, 0x04, Buffer.alloc(20), true)];
  const expected = [{ codec: 'vp9', size: pictureSize, data: frame }];

  it('gives the lowest layer, which is complete without the others', () => {
    expect(framesOf('vp9', low)).toEqual(expected);
    expect(framesOf('vp9', [...low.slice(1), ...high.slice(1), ...low.slice(0, 1)])).toEqual(expected);
    expect(framesOf('vp9', [...high, ...low])).toEqual(expected);
  });

  it('is not complete with packets of other layers in place of those of the lowest', () => {
    expect(framesOf('vp9', [...low.slice(0, 1), ...low.slice(2), ...high])).toEqual([]);
  });
});
