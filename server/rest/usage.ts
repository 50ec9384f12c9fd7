/** What a room took today or yesterday [host, admin], and what the account did [admin]. */
import { Router } from 'express';
import type { Spending } from '../../account/usage-accounting.ts';
import { UsageQuery } from '../../protocol/rest.ts';
import type { Passes } from '../auth/token-service.ts';
import { authorize, roomIn } from './authorization.ts';
import { query } from './problems.ts';

export function usageRoutes(passes: Passes, spending: Spending): Router {
  const router = Router();

  // A room that has closed has its usage still.
  router.get('/rooms/:room/usage', (request, response) => {
    const room = roomIn(request);
    authorize(passes, request, room);
    response.json(spending.ofRoom(room, query(UsageQuery, request).day));
  });

  router.get('/usage', (request, response) => {
    authorize(passes, request);
    response.json(spending.ofAccount(query(UsageQuery, request).day));
  });

  return router;
}
