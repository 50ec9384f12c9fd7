/**
 * What a request costs of its connection's budget (`limits.requests`), in about the time that the cheapest one takes. What a media
 * worker has to do costs more; what everybody in the room is told of is limited besides, by the room's `ChangeLimiter`.
 */
import type { Method } from '@mediasoup-booth/protocol';

const costs: Partial<Record<Method, number>> = {
  join: 20,
  'transport.create': 20,
  'transport.connect': 5,
  'transport.restartIce': 20,
  'iceServers.renew': 5,
  'producer.create': 10,
  'producer.pause': 2,
  'producer.resume': 2,
  'producer.sent': 4,
  'consumer.create': 4,
  'consumer.pause': 2,
  'consumer.resume': 2,
  'consumer.setPreferredLayers': 2,
  'dataProducer.create': 10,
  'dataConsumer.create': 4,
  'dataConsumer.resume': 4,
  'usage.report': 4,
  'interpreter.report': 4,
};

/** The cost of a request; of one that names no method, too: it is read, and answered. */
export const requestCost = (method: string): number =>
  (Object.hasOwn(costs, method) ? costs[method as Method] : undefined) ?? 1;
