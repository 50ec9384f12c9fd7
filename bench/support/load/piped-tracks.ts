/** What it costs to bring tracks from one media worker to another: of this machine, or, encrypted, of another one. */
import { setTimeout as delay } from 'node:timers/promises';
import * as mediasoup from 'mediasoup';
import type { PipeTransport, Worker } from 'mediasoup/types';
import { prefer } from './cpu-time.ts';
import { LOOPBACK_UDP, opusCodec, SteadySpeakers } from './steady-speakers.ts';

const TRACKS = 25;
const WARM_UP_MS = 1000;
const WINDOW_MS = 6000;

/** CPU time for one packet of one track, in microseconds. */
export interface PipeCost {
  sender: number;
  receiver: number;
}

/**
 * What a pipe adds to what speakers cost their worker anyway.
 *
 * @param options `toOtherMachine`: it is encrypted, and lost packets are asked for again
 */
export async function pipeCost({ toOtherMachine }: { toOtherMachine: boolean }): Promise<PipeCost> {
  const options = { listenInfo: LOOPBACK_UDP, enableSrtp: toOtherMachine, enableRtx: toOtherMachine };
  const workers = [
    await mediasoup.createWorker({ logLevel: 'none' }),
    await mediasoup.createWorker({ logLevel: 'none' }),
  ] as const;
  try {
    const [near, far] = workers;
    prefer([near.pid, far.pid]);
    const [origin, other] = [
      await near.createRouter({ mediaCodecs: [opusCodec] }),
      await far.createRouter({ mediaCodecs: [opusCodec] }),
    ];
    const speakers = await SteadySpeakers.start(origin, TRACKS);
    /** CPU time of each worker for one packet of one track. */
    const measure = async (): Promise<[number, number]> => {
      await delay(WARM_UP_MS);
      const before = { sent: speakers.sent, cpu: await cpuOf(workers) };
      await delay(WINDOW_MS);
      const packets = (speakers.sent - before.sent) * TRACKS;
      const [one = 0, two = 0] = (await cpuOf(workers)).map((ms, i) => ms - (before.cpu[i] ?? 0));
      return [(one * 1000) / packets, (two * 1000) / packets];
    };
    const alone = await measure();
    const [here, there] = [await origin.createPipeTransport(options), await other.createPipeTransport(options)];
    await Promise.all([connect(here, there), connect(there, here)]);
    await bring(speakers, here, there);
    const piped = await measure();
    speakers.close();
    return { sender: piped[0] - alone[0], receiver: piped[1] - alone[1] };
  } finally {
    for (const worker of workers) worker.close();
  }
}

/** CPU time that workers have used so far, in milliseconds: they tell it ten times more finely than the system does. */
const cpuOf = (workers: readonly Worker[]): Promise<number[]> =>
  Promise.all(
    workers.map(async (worker) => {
      const { ru_utime: user, ru_stime: system } = await worker.getResourceUsage();
      return user + system;
    }),
  );

const connect = (one: PipeTransport, { tuple, srtpParameters }: PipeTransport): Promise<void> =>
  one.connect({ ip: LOOPBACK_UDP.ip, port: tuple.localPort, ...(srtpParameters && { srtpParameters }) });

async function bring({ tracks }: SteadySpeakers, here: PipeTransport, there: PipeTransport): Promise<void> {
  for (const { id } of tracks) {
    const { kind, rtpParameters } = await here.consume({ producerId: id });
    await there.produce({ id, kind, rtpParameters });
  }
}
