/** Interpreters of a room [host, admin]. */
import { Router } from 'express';
import type { UsageAccounting } from '../../account/usage-accounting.ts';
import type { Model } from '../../config/models.ts';
import { ApiError } from '../../protocol/api-error.ts';
import type { LanguageCode } from '../../protocol/languages.ts';
import {
  InterpreterChange,
  InterpreterRequest,
  type InterpreterView,
  type LanguageSettings,
} from '../../protocol/rest.ts';
import type { TokenService } from '../auth/token-service.ts';
import { requireLanguageSettings, requireModel, requirePictures, requireTargets } from '../room/request-checks.ts';
import type { Rooms } from '../room/rooms.ts';
import { authorize, roomOf } from './authorization.ts';
import { body } from './problems.ts';

export function interpreterRoutes(passes: TokenService, rooms: Rooms, model: Model, spending: UsageAccounting): Router {
  const router = Router();

  router.get('/rooms/:room/interpreters', (request, response) => {
    const room = roomOf(request);
    authorize(passes, request, room);
    const { view } = rooms.get(room).interpreter;
    response.json({ interpreters: view ? [{ ...view, ...shownIn(spending, room, view) }] : [] });
  });

  router.post('/rooms/:room/interpreters', async (request, response) => {
    const name = roomOf(request);
    authorize(passes, request, name);
    const { model: named, ...asked } = body(InterpreterRequest, request.body);
    requireModel(model, named);
    const order = orderOf(asked);
    requireTargets(model, order.languages);
    requireTargets(model, Object.keys(order.wishes));
    requireLanguageSettings(model, order.wishes);
    requirePictures(model, order.pictures);
    const room = await rooms.obtain(name);
    const { view, sent } = room.interpreter.request(order);
    response.status(sent ? 201 : 200).json(view);
  });

  router.patch('/rooms/:room/interpreters/:id', (request, response) => {
    const room = roomOf(request);
    authorize(passes, request, room);
    const { budget } = body(InterpreterChange, request.body);
    response.json(rooms.get(room).interpreter.setBudget(request.params.id, budget ?? undefined));
  });

  router.delete('/rooms/:room/interpreters/:id', async (request, response) => {
    const room = roomOf(request);
    authorize(passes, request, room);
    await rooms.get(room).interpreter.dismiss(request.params.id);
    response.status(204).end();
  });

  return router;
}

/** The languages, and what is wished of each. */
function orderOf({ languages: wanted, allow, wishes = {}, ...order }: Omit<InterpreterRequest, 'model'>) {
  if (allow && wanted !== 'auto')
    throw new ApiError(
      'invalid',
      '"allow" goes with "languages": "auto"; a list of languages says by itself what is allowed',
    );
  const languages = allow ?? wanted;
  if (languages === 'auto') return { ...order, languages, wishes: withoutEmpty(wishes) };
  const listed = languages.map((one) => (typeof one === 'string' ? { code: one } : one));
  const codes = listed.map(({ code }) => code);
  for (const code of Object.keys(wishes))
    if (!codes.includes(code))
      throw new ApiError(
        'invalid',
        `there is a wish for ${code}, which is not among the languages: ${codes.join(', ')}`,
      );
  const own = withoutEmpty(Object.fromEntries(listed.map(({ code, ...wish }) => [code, wish])));
  return { ...order, languages: codes, wishes: { ...withoutEmpty(wishes), ...own } };
}

const withoutEmpty = (wishes: Record<LanguageCode, LanguageSettings>): Record<LanguageCode, LanguageSettings> =>
  Object.fromEntries(Object.entries(wishes).filter(([, wish]) => Object.keys(wish).length > 0));

function shownIn(
  spending: UsageAccounting,
  room: string,
  { pictures }: InterpreterView,
): Pick<InterpreterView, 'shown'> {
  if (pictures === 'off') return {};
  const { count = 0, tokens, money } = spending.roomUsage(room).total.kinds.picture;
  return { shown: { pictures: count, tokens, ...(money !== undefined && { money }) } };
}
