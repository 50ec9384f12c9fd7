/**
 * Relays a caption channel from the interpreter to its readers through this process. A message is recorded here before any reader
 * receives it, so that nothing that was shown is lost with the server, and no reader receives one that is not accepted here; the price is one hop within this computer.
 */

import type { BoothRole } from '@mediasoup-booth/protocol';
import type { DataProducer, DirectTransport } from 'mediasoup/types';

export type CaptionsProducer = DataProducer<{ booth: BoothRole }>;

/** A data producer on another router, under the id of the one whose messages it repeats. */
export interface CaptionCopy {
  readonly id: string;
  send(message: Buffer, ppid: number): void;
  close(): void;
  readonly observer: { once(event: 'close', listener: () => void): unknown };
}

/**
 * The copies of a room's caption channels on its other routers. Every message passes through this process before anybody reads it, so it
 * goes from here to each router, by the way on which the router gets its commands: it keeps its order with them, and who resumes a
 * consumer gets each message once. A pipe between routers would keep no such order.
 */
export class CaptionCopies {
  /** By the id of what is repeated: at most one for each router of the room. */
  readonly #copies = new Map<string, Set<CaptionCopy>>();

  /** Repeats on `copy` what is sent from now on, until it closes. */
  add(copy: CaptionCopy): void {
    const copies = this.#copies.get(copy.id) ?? new Set();
    this.#copies.set(copy.id, copies.add(copy));
    copy.observer.once('close', () => {
      copies.delete(copy);
      if (copies.size === 0 && this.#copies.get(copy.id) === copies) this.#copies.delete(copy.id);
    });
  }

  send(id: string, message: Buffer, ppid: number): void {
    for (const copy of this.#copies.get(id) ?? []) copy.send(message, ppid);
  }

  /** Closes the copies of a data producer that has closed. */
  close(id: string): void {
    for (const copy of [...(this.#copies.get(id) ?? [])]) copy.close();
  }
}

/**
 * Creates the data producer that others consume in place of `source`. Each closes with the other.
 *
 * @param copies repeat it on the room's other routers
 * @param receive gets every message before any reader does, and a function that passes it on to them
 */
export async function relayCaptions(
  source: CaptionsProducer,
  { through, copies }: { through: DirectTransport; copies: CaptionCopies },
  receive: (message: Buffer, passOn: () => void) => void,
): Promise<CaptionsProducer> {
  const relayed = await through
    .produceData({ label: source.label, appData: source.appData })
    .catch((error: unknown) => {
      source.close();
      throw error;
    });
  relayed.observer.once('close', () => {
    copies.close(relayed.id);
    source.close();
  });
  source.observer.once('close', () => relayed.close());
  try {
    const consumer = await through.consumeData({ dataProducerId: source.id });
    consumer.on('message', (message, ppid) => {
      receive(message, () => {
        if (relayed.closed) return;
        relayed.send(message, ppid);
        copies.send(relayed.id, message, ppid);
      });
    });
    return relayed;
  } catch (error) {
    // The interpreter may have left meanwhile.
    relayed.close();
    throw error;
  }
}
