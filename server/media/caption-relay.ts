/**
 * Relays a caption channel from the interpreter to its readers through this process. A message is recorded here before any reader
 * receives it, so that nothing that was shown is lost with the server, and no reader receives one that is not accepted here; the price is one hop within this computer.
 */

import type { BoothRole } from '@mediasoup-booth/protocol';
import type { DataProducer, DirectTransport } from 'mediasoup/types';

export type CaptionsProducer = DataProducer<{ booth: BoothRole }>;

/**
 * Creates the data producer that others consume in place of `source`. Each closes with the other.
 *
 * @param receive gets every message before any reader does, and a function that passes it on to them
 */
export async function relayCaptions(
  source: CaptionsProducer,
  through: DirectTransport,
  receive: (message: Buffer, passOn: () => void) => void,
): Promise<CaptionsProducer> {
  const relayed = await through
    .produceData({ label: source.label, appData: source.appData })
    .catch((error: unknown) => {
      source.close();
      throw error;
    });
  relayed.observer.once('close', () => source.close());
  source.observer.once('close', () => relayed.close());
  try {
    const consumer = await through.consumeData({ dataProducerId: source.id });
    consumer.on('message', (message, ppid) => {
      receive(message, () => {
        if (!relayed.closed) relayed.send(message, ppid);
      });
    });
    return relayed;
  } catch (error) {
    // The interpreter may have left meanwhile.
    relayed.close();
    throw error;
  }
}
