/** Interpreters of a room [host, admin]. */
import { Router } from 'express';
import type { Model } from '../../config/models.ts';
import { InterpreterChange, InterpreterRequest, type InterpreterView } from '../../protocol/rest.ts';
import { requirePictures, requireTargets, requireWishes } from '../languages.ts';
import type { Passes } from '../passes.ts';
import type { Rooms } from '../rooms.ts';
import type { Spending } from '../spending.ts';
import { authorize, roomIn } from './authorization.ts';
import { body } from './problems.ts';

export function interpreterRoutes(passes: Passes, rooms: Rooms, model: Model, spending: Spending): Router {
  const router = Router();

  router.get('/rooms/:room/interpreters', (request, response) => {
    const room = roomIn(request);
    authorize(passes, request, room);
    const { view } = rooms.get(room).interpreter;
    response.json({ interpreters: view ? [{ ...view, ...shownIn(spending, room, view) }] : [] });
  });

  router.post('/rooms/:room/interpreters', async (request, response) => {
    const name = roomIn(request);
    authorize(passes, request, name);
    const order = orderOf(body(InterpreterRequest, request.body));
    requireTargets(model, order.languages);
    requireWishes(model, order.wishes);
    requirePictures(model, order.pictures);
    const room = await rooms.obtain(name);
    const { view, sent } = room.interpreter.send(order);
    response.status(sent ? 201 : 200).json(view);
  });

  router.patch('/rooms/:room/interpreters/:id', (request, response) => {
    const room = roomIn(request);
    authorize(passes, request, room);
    const { budget } = body(InterpreterChange, request.body);
    response.json(rooms.get(room).interpreter.limit(request.params.id, budget ?? undefined));
  });

  router.delete('/rooms/:room/interpreters/:id', async (request, response) => {
    const room = roomIn(request);
    authorize(passes, request, room);
    await rooms.get(room).interpreter.dismiss(request.params.id);
    response.status(204).end();
  });

  return router;
}

/** The languages, and what is wished of each. */
function orderOf({ languages, ...order }: InterpreterRequest) {
  if (languages === 'auto') return { ...order, languages, wishes: {} };
  const wished = languages.map((one) => (typeof one === 'string' ? { code: one } : one));
  const wishes = wished.flatMap(({ code, ...wish }) => (Object.keys(wish).length > 0 ? [[code, wish] as const] : []));
  return { ...order, languages: wished.map(({ code }) => code), wishes: Object.fromEntries(wishes) };
}

function shownIn(spending: Spending, room: string, { pictures }: InterpreterView): Pick<InterpreterView, 'shown'> {
  if (pictures === 'off') return {};
  const { count = 0, tokens, money } = spending.ofRoom(room).total.kinds.picture;
  return { shown: { pictures: count, tokens, ...(money !== undefined && { money }) } };
}
