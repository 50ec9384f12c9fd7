/** Whether the server lives, whether it can take people in, and what it counts. Open to everyone. */

import { Readiness } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { SharedConnectionLimiter } from '../account/shared-connection-limiter.ts';
import type { MediaWorkers } from '../media/media-workers.ts';
import type { Metrics, Snapshot } from '../metrics.ts';
import type { Room } from '../room/room.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { json, RESPONDED, type Route, route } from './route.ts';

export interface HealthDeps {
  workers: MediaWorkers;
  metrics: Metrics;
  rooms: Rooms;
  connectionLimiter: SharedConnectionLimiter;
  webhooks: Webhooks;
}

export const healthRoutes = ({ workers, metrics, rooms, connectionLimiter, webhooks }: HealthDeps): Route[] => [
  route({
    method: 'get',
    path: '/healthz',
    summary: 'Whether the server lives',
    answers: { 200: z.object({ status: z.literal('ok') }) },
    handle: () => json(200, { status: 'ok' as const }),
  }),

  route({
    method: 'get',
    path: '/readyz',
    summary: 'Whether it can take people in, and why not',
    answers: { 200: Readiness, 503: Readiness },
    handle() {
      const answer = readiness(workers);
      return json(answer.ready ? 200 : 503, answer);
    },
  }),

  route({
    method: 'get',
    path: '/metrics',
    summary: 'Counts, as Prometheus reads them',
    answers: { 200: z.string() },
    types: ['text/plain'],
    async handle({ response }) {
      const text = await metrics.text(snapshot(rooms, connectionLimiter), webhooks.views);
      response.set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.contentType }).send(text);
      return RESPONDED;
    },
  }),
];

/** Whether people can be taken in, and why not. */
export function readiness({ state: { running, wanted } }: Pick<MediaWorkers, 'state'>): z.output<typeof Readiness> {
  const reasons = running === wanted ? [] : [`${running} of ${wanted} media workers run`];
  return { ready: running > 0, reasons };
}

function snapshot(rooms: Rooms, connectionLimiter: SharedConnectionLimiter): Snapshot {
  const sum = (count: (room: Room) => number) => rooms.all.reduce((total, room) => total + count(room), 0);
  return {
    rooms: rooms.all.length,
    participants: sum(({ participantCount, interpreterCount }) => participantCount - interpreterCount),
    interpreters: sum(({ interpreterCount }) => interpreterCount),
    connectQueueLength: connectionLimiter.waiting(),
  };
}
