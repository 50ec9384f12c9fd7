/**
 * The media signalling of a host's room: its methods, each with a time limit, and every failure as the `SignallingError` that a media
 * connection goes by. What the host does not have is done without.
 */
import type { MediaSignalling } from '../../room-client/media-signalling.ts';
import { SignallingError } from '../../room-client/signalling-client.ts';
import type { Clock } from '../../time/clock.ts';
import { JoinError } from './join-error.ts';
import type { PushedConsumers } from './pushed-consumers.ts';
import type { RemoteRoom, SctpCapabilities } from './remote-room.ts';

/** Mediasoup's default, and what every browser has. */
export const sctpCapabilities: SctpCapabilities = { numStreams: { OS: 1024, MIS: 1024 } };

export const ANSWER_TIMEOUT_MS = 15_000;
/** A host that is reached answers within this time; one that does not is out of reach of the signalling too. */
const RESTART_TIMEOUT_MS = 5_000;

/**
 * What a host's method returns, or throws, in time.
 *
 * @param what names the method in the error
 * @throws {SignallingError}
 */
export async function answerOf<T>(
  what: string,
  call: () => T | Promise<T>,
  clock: Clock,
  timeoutMs: number = ANSWER_TIMEOUT_MS,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(timeoutMs, () =>
    reject(new SignallingError('timeout', `the room did not answer ${what} within ${timeoutMs} ms`)),
  );
  try {
    return await Promise.race([(async () => call())(), late]);
  } catch (error) {
    if (error instanceof SignallingError || error instanceof JoinError) throw error;
    throw new SignallingError('failed', `${what}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    cancel();
  }
}

export interface RemoteSignallingOptions {
  room: RemoteRoom;
  pushed: PushedConsumers;
  clock: Clock;
}

export function remoteSignalling({ room, pushed, clock }: RemoteSignallingOptions): MediaSignalling {
  const ask = <T>(what: string, call: () => T | Promise<T>, timeoutMs?: number) =>
    answerOf(what, call, clock, timeoutMs);
  const lacks = (what: string) => new SignallingError('unsupported', `the room has no ${what}()`);
  return {
    createTransport: (direction) => ask('createTransport', () => room.createTransport({ direction, sctpCapabilities })),
    connectTransport: (id, dtlsParameters) => ask('connectTransport', () => room.connectTransport(id, dtlsParameters)),
    async restartIce(transportId) {
      const { restartIce } = room;
      // Not a SignallingError: that would end the connection at once, which may recover.
      if (!restartIce) throw new Error('the room has no restartIce()');
      return ask('restartIce', () => restartIce.call(room, transportId), RESTART_TIMEOUT_MS);
    },
    async renewIceServers() {
      const { renewIceServers } = room;
      if (!renewIceServers) throw lacks('renewIceServers');
      return ask('renewIceServers', () => renewIceServers.call(room));
    },
    produce: (request) => ask('produce', () => room.produce(request)),
    async produceData(request) {
      const { produceData } = room;
      if (!produceData) throw lacks('produceData');
      return ask('produceData', () => produceData.call(room, request));
    },
    closeProducer: (producerId) => ask('closeProducer', () => room.closeProducer?.(producerId)),
    closeDataProducer: (dataProducerId) => ask('closeDataProducer', () => room.closeDataProducer?.(dataProducerId)),
    consume(request) {
      const { consume } = room;
      if (!consume) return pushed.take(request.producerId);
      return ask('consume', () => consume.call(room, { ...request, paused: true }));
    },
    resumeConsumer: (consumerId) => ask('resumeConsumer', () => room.resumeConsumer(consumerId)),
    pauseConsumer: (consumerId) => ask('pauseConsumer', () => room.pauseConsumer(consumerId)),
    setPreferredLayers: (consumerId, spatialLayer) =>
      ask('setPreferredLayers', () => room.setPreferredLayers?.(consumerId, spatialLayer)),
    async closeConsumer(consumerId) {
      if (!room.consume) pushed.release(consumerId);
      else if (room.closeConsumer) await ask('closeConsumer', () => room.closeConsumer?.(consumerId));
      else await ask('pauseConsumer', () => room.pauseConsumer(consumerId));
    },
    async consumeData(request) {
      const { consumeData } = room;
      if (!consumeData) throw lacks('consumeData');
      return ask('consumeData', () => consumeData.call(room, request));
    },
    resumeDataConsumer: (id) => ask('resumeDataConsumer', () => room.resumeDataConsumer?.(id)),
    closeDataConsumer: (id) => ask('closeDataConsumer', () => room.closeDataConsumer?.(id)),
  };
}
