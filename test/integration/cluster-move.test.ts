/** A room that moves from one server to another, both real processes on one real Redis, with an interpreter: nothing of what is said in that moment is lost. */
import { CloseCode } from '@mediasoup-booth/protocol';
import { expect, it } from 'vitest';
import { ownerAmong } from '../support/cluster.ts';
import { interpretedCluster, type Span, transcribed, twiceIn } from '../support/cluster-talk.ts';
import { MovingListener } from '../support/moving-listener.ts';
import { closed, connect, person, tokenOf } from '../support/server.ts';
import { until } from '../support/until.ts';

const FRAME_MS = 20;
/** A frame that was encoded ahead, and those that a busy computer sends later. */
const FRAMES_MISSED = 25;
/** How far a detector's beginnings and ends of speech may be from one another. */
const TOLERANCE_MS = 300;

/** From the first beginning to the last end. */
const lengthOf = (spans: readonly Span[]): number => (spans.at(-1)?.end ?? 0) - (spans[0]?.start ?? 0);

it.each(['here', 'workers'] as const)(
  'loses nothing of a sentence that begins in the moment of the move (interpreters: %s)',
  async (placement) => {
    const { cluster, talker } = await interpretedCluster(2, placement);
    const listener = new MovingListener(cluster.url, 'Ana');
    await until(() => listener.packetsMs.length > 0);
    talker.start({ count: 1 });
    await until(() => talker.said === 1);
    await expect.poll(async () => (await transcribed(cluster)).length).toBeGreaterThan(0);
    const inPeace = await transcribed(cluster);

    const owner = await ownerAmong(cluster.nodes);
    // Its client is older: it does not connect to the other server before, and learns of the move when it has taken place.
    const older = await (await connect(owner, tokenOf(person('old')))).join();
    const moved = closed(older.socket);
    const stopped = owner.stop();
    expect((await moved).code).toBe(CloseCode.goingAway);
    const before = listener.packetsMs.length;
    talker.start({ count: 1 });
    await until(() => talker.said === 1);
    expect(listener.packetsMs.length - before).toBeGreaterThan(talker.sentenceMs / FRAME_MS - FRAMES_MISSED);
    expect(older.all('room.moving')).toEqual([{ server: expect.not.stringContaining(owner.url) }]);
    expect(listener.rooms).toHaveLength(2);

    // It is written with all that a busy computer has put between its words.
    const writtenMs = async () => lengthOf((await transcribed(cluster)).slice(inPeace.length));
    await expect.poll(writtenMs).toBeGreaterThan(talker.sentenceMs - TOLERANCE_MS);
    expect(twiceIn(await transcribed(cluster))).toEqual([]);
    expect(await stopped).toBe(0);
  },
);
