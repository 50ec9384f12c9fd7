/** What a room took today or yesterday [host, admin], and what the account did [admin]. */
import { Router } from 'express';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import { UsageQuery } from '../../protocol/rest.ts';
import type { TokenService } from '../auth/token-service.ts';
import { authorize, roomOf } from './authorization.ts';
import { query } from './problems.ts';

export function usageRoutes(passes: TokenService, spending: UsageAccounting): Router {
  const router = Router();

  // A room that has closed has its usage still.
  router.get('/rooms/:room/usage', (request, response) => {
    const room = roomOf(request);
    authorize(passes, request, room);
    response.json(spending.roomUsage(room, query(UsageQuery, request).day));
  });

  router.get('/usage', (request, response) => {
    authorize(passes, request);
    response.json(spending.accountUsage(query(UsageQuery, request).day));
  });

  return router;
}
