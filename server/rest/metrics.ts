/** `GET /metrics` in Prometheus' text format, open to everyone as scrapers expect it: it holds counts alone. */
import { Router } from 'express';
import type { SharedConnectionLimiter } from '../account/shared-connection-limiter.ts';
import type { Metrics, Snapshot } from '../metrics.ts';
import type { Rooms } from '../room/rooms.ts';

export interface Measured {
  metrics: Metrics;
  rooms: Rooms;
  permits: SharedConnectionLimiter;
}

export function metricsRoutes({ metrics, ...measured }: Measured): Router {
  const router = Router();
  router.get('/metrics', async (_request, response) => {
    const text = await metrics.text(snapshot(measured));
    response.set({ 'Cache-Control': 'no-store', 'Content-Type': metrics.contentType }).send(text);
  });
  return router;
}

function snapshot({ rooms, permits }: Omit<Measured, 'metrics'>): Snapshot {
  const sum = (count: (room: (typeof rooms.all)[number]) => number) =>
    rooms.all.reduce((total, room) => total + count(room), 0);
  return {
    rooms: rooms.all.length,
    participants: sum(({ participantCount: size, interpreterCount: interpreters }) => size - interpreters),
    interpreters: sum(({ interpreterCount: interpreters }) => interpreters),
    connectQueueLength: permits.waiting(),
  };
}
