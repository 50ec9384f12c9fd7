/** werift in a thread that a test may hang: datagrams go in as from its socket, and a limit of time watches over it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** `slowestMs`: of processor time for one packet, which a busy machine does not lengthen. */
export type Outcome = { slowestMs: number; broken: string | undefined } | 'hangs';

export class WeriftVictim {
  #worker: Worker | undefined;

  /** What becomes of werift when it takes these. `hangs`: it had not finished after `limitMs`. */
  async take(packets: readonly Uint8Array[], limitMs = 10_000): Promise<Outcome> {
    this.#worker ??= await started();
    const worker = this.#worker;
    const signal = AbortSignal.timeout(limitMs);
    worker.postMessage(packets);
    try {
      const [outcome] = (await once(worker, 'message', { signal })) as [Exclude<Outcome, 'hangs'>];
      if (outcome.broken) await this.close();
      return outcome;
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.close();
      return 'hangs';
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

async function started(): Promise<Worker> {
  const worker = new Worker(new URL('./werift-victim-worker.ts', import.meta.url));
  await once(worker, 'message');
  return worker;
}
