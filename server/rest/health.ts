/** Whether the server lives, whether it can take people in, and what its engine can do. Open to everyone. */
import { Router } from 'express';
import type { LanguagesResponse } from '../../protocol/rest.ts';
import type { MediaWorkers } from '../media/media-workers.ts';

export function healthRoutes(workers: MediaWorkers): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', (_request, response) => {
    const { running, wanted } = workers.state;
    const reasons = running === wanted ? [] : [`${running} of ${wanted} media workers run`];
    response.status(running > 0 ? 200 : 503).json({ ready: running > 0, reasons });
  });
  return router;
}

export function languageRoutes(languages: LanguagesResponse): Router {
  const router = Router();
  router.get('/languages', (_request, response) => {
    response.json(languages);
  });
  return router;
}
