/** Whether the server lives, whether it can take people in, and what it counts. Open to everyone. */

import { Readiness } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import type { ConnectionPermits } from '../account/shared-connection-limiter.ts';
import type { EdgeNodes } from '../edge/edge-nodes.ts';
import type { MediaWorkers } from '../media/media-workers.ts';
import type { Metrics, Snapshot } from '../metrics.ts';
import type { Room } from '../room/room.ts';
import type { RoomDirectory } from '../room/room-directory.ts';
import type { Rooms } from '../room/rooms.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { json, RESPONDED, type Route, route } from './route.ts';

export interface HealthDeps {
  workers: MediaWorkers;
  /** Undefined: this server takes in no edge nodes. */
  edges: Pick<EdgeNodes, 'size'> | undefined;
  metrics: Metrics;
  rooms: Rooms;
  directory: RoomDirectory;
  usage: Pick<UsageAccounting, 'budgetUsed'>;
  connectionLimiter: ConnectionPermits;
  webhooks: Webhooks;
}

export const healthRoutes = ({ metrics, webhooks, ...deps }: HealthDeps): Route[] => [
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
      const answer = readiness(deps);
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
      const text = await metrics.text(snapshot(deps), webhooks.views);
      response.set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.contentType }).send(text);
      return RESPONDED;
    },
  }),
];

/** Whether people can be taken in, and what is not as it should be: a server may be ready in spite of that. */
export function readiness({
  workers,
  rooms,
  directory,
}: Pick<HealthDeps, 'workers' | 'rooms' | 'directory'>): z.output<typeof Readiness> {
  const { running, wanted } = workers.state;
  const failed = failedInterpreters(rooms);
  const some = failed === 1 ? '1 room' : `${failed} rooms`;
  const reasons = [
    ...(running === wanted ? [] : [`${running} of ${wanted} media workers run`]),
    ...(failed === 0 ? [] : [`the interpreter of ${some} ended again and again, and is tried again later`]),
    ...(directory.problem === undefined ? [] : [directory.problem]),
  ];
  return { ready: running > 0 && !directory.isDraining, reasons };
}

const failedInterpreters = (rooms: Rooms): number =>
  rooms.all.filter(({ interpreter }) => interpreter.view?.state === 'failed').length;

function snapshot({
  rooms,
  workers,
  edges,
  usage,
  connectionLimiter,
}: Omit<HealthDeps, 'metrics' | 'webhooks'>): Snapshot {
  const sum = (count: (room: Room) => number) => rooms.all.reduce((total, room) => total + count(room), 0);
  return {
    rooms: rooms.all.length,
    participants: sum(({ participantCount, interpreterCount }) => participantCount - interpreterCount),
    interpreters: sum(({ interpreterCount }) => interpreterCount),
    failedInterpreters: failedInterpreters(rooms),
    pipes: sum(({ pipeCount }) => pipeCount),
    edges: edges?.size ?? 0,
    queuedInterpreters: rooms.all.filter(({ interpreter }) => interpreter.view?.queuePlace !== undefined).length,
    mediaWorkers: workers.state,
    budgetUsed: usage.budgetUsed,
    connectQueueLength: connectionLimiter.waiting(),
  };
}
