/** What a room took today or yesterday [host, admin], and what the account did [admin]. */
import { type Request, Router } from 'express';
import { Refusal } from '../errors.ts';
import type { Passes } from '../passes.ts';
import type { Spending } from '../spending.ts';
import { authorize, roomIn } from './authorization.ts';

export function usageRoutes(passes: Passes, spending: Spending): Router {
  const router = Router();

  // A room that has closed has its usage still.
  router.get('/rooms/:room/usage', (request, response) => {
    const room = roomIn(request);
    authorize(passes, request, room);
    response.json(spending.ofRoom(room, dayIn(request)));
  });

  router.get('/usage', (request, response) => {
    authorize(passes, request);
    response.json(spending.ofAccount(dayIn(request)));
  });

  return router;
}

function dayIn(request: Pick<Request, 'query'>): string | undefined {
  const { day } = request.query;
  if (day === undefined || (typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day))) return day;
  throw new Refusal('invalid', 'day: a date such as 2026-03-26, of UTC');
}
