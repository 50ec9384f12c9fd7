/** The built pages: one index for every path of theirs, and assets whose names change with their content. */
import { join } from 'node:path';
import express, { Router } from 'express';

export function pageRoutes(folder: string): Router {
  const router = Router();
  router.get(['/', '/room/:room'], (_request, response, next) => {
    response.set('Cache-Control', 'no-cache');
    response.sendFile(join(folder, 'index.html'), { cacheControl: false }, (error) => {
      if (!error || response.headersSent) return;
      if ('status' in error && error.status === 404)
        response.status(503).type('text/plain').send('The page has not been built yet: run `npm run build:page`.\n');
      else next(error);
    });
  });
  router.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  router.use(express.static(folder, { index: false }));
  router.use((_request, response) => {
    response.status(404).type('text/plain').send('There is no such page here.\n');
  });
  return router;
}
