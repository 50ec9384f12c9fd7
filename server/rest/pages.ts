/** The built pages: one file for every path of theirs, the widget, and assets whose names change with their content. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Request, type RequestHandler, Router } from 'express';

export function pageRoutes(folder: string): Router {
  const router = Router();
  router.get(['/', '/room/:room'], page(join(folder, 'index.html')));
  router.get('/admin', page(join(folder, 'admin.html')));
  router.get('/overlay/:room', page(join(folder, 'overlay.html')));
  router.get('/listen/:room', page(join(folder, 'listen.html')));
  router.use('/assets', express.static(join(folder, 'assets'), { immutable: true, maxAge: '1y', index: false }));
  // Neither the widget's name nor an icon's changes with what is in it.
  router.use(
    express.static(folder, { index: false, setHeaders: (response) => void response.set('Cache-Control', 'no-cache') }),
  );
  router.use((_request, response) => {
    response.status(404).type('text/plain').send('There is no such page here.\n');
  });
  return router;
}

const page =
  (file: string): RequestHandler =>
  async (request, response) => {
    const html = await readFile(file, 'utf8').catch(ifThere);
    response.set('Cache-Control', 'no-cache');
    if (html === undefined)
      response.status(503).type('text/plain').send('The page has not been built yet: run `npm run build:page`.\n');
    else response.type('html').send(html.replaceAll('="./', `="${pathToRoot(request)}`));
  };

/** The way from a page to where the pages' files are. It is relative: under which path people see the page, only a proxy may know. */
const pathToRoot = ({ path }: Request): string => '../'.repeat(path.split('/').length - 2) || './';

function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
