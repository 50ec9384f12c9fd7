/**
 * A caption channel on its way from the interpreter to who reads it: through this process. What a reader has been shown was taken
 * down here before, so that it cannot be lost with the server, at the price of one hop within this computer.
 */
import type { DataProducer, DirectTransport } from 'mediasoup/types';
import type { BoothRole } from '../../protocol/rooms.ts';

export type CaptionsProducer = DataProducer<{ booth: BoothRole }>;

/**
 * Owns `spoken`: what is returned is what others consume, and closes with it, whichever is closed.
 * @param takeDown everything that comes, before anyone has it
 */
export async function relayCaptions(
  spoken: CaptionsProducer,
  through: DirectTransport,
  takeDown: (message: Buffer) => void,
): Promise<CaptionsProducer> {
  const passedOn = await through
    .produceData({ label: spoken.label, appData: spoken.appData })
    .catch((error: unknown) => {
      spoken.close();
      throw error;
    });
  passedOn.observer.once('close', () => spoken.close());
  spoken.observer.once('close', () => passedOn.close());
  try {
    const ear = await through.consumeData({ dataProducerId: spoken.id });
    ear.on('message', (message, ppid) => {
      takeDown(message);
      if (!passedOn.closed) passedOn.send(message, ppid);
    });
    return passedOn;
  } catch (error) {
    // Whoever spoke may have left meanwhile.
    passedOn.close();
    throw error;
  }
}
