/**
 * The server that this code was loaded from, with the path under which it is reached and without a slash at its end: a proxy may serve it
 * at `https://meet.example.org/booth/`. Code that a bundler has moved elsewhere is taken to be its origin's.
 *
 * @example
 * ownServer('https://meet.example.org/booth/widget.js'); // 'https://meet.example.org/booth'
 */
export const ownServer = (module = import.meta.url): string => {
  const { origin, pathname } = new URL(module);
  return origin + (/^(.*)\/(widget\.js|assets\/[^/]+)$/.exec(pathname)?.[1] ?? '');
};
