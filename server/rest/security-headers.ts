/** Content security policy and other security headers: pages run their own scripts only, connect to this server only, and cannot be framed. */
import type { RequestHandler } from 'express';

/**
 * @param publicUrl the address under which browsers reach the server, where it is configured
 * @param isShared whether meetings may be at other servers, which the page connects to. Those that come later are not known yet, so that it
 * may open WebSockets to any; default: false
 */
export const securityHeaders =
  (publicUrl: string | undefined, isShared = false): RequestHandler =>
  (request, response, next) => {
    // A proxy may ask for the server by another name than browsers know.
    const hosts = new Set([request.host, ...(publicUrl ? [new URL(publicUrl).host] : [])]);
    response.set({
      'Content-Security-Policy': contentSecurityPolicy([...hosts], isShared ? ['ws:', 'wss:'] : []),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), autoplay=(self)',
    });
    next();
  };

function contentSecurityPolicy(hosts: readonly (string | undefined)[], others: readonly string[]): string {
  // Not every browser takes 'self' to cover WebSockets of the same origin.
  const sockets = hosts.flatMap((host) =>
    host && /^[\w.:[\]-]+$/.test(host) ? [`ws://${host}`, `wss://${host}`] : [],
  );
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self' data:",
    "img-src 'self' data: blob:",
    "media-src 'self' blob: mediastream:",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    ["connect-src 'self'", ...sockets, ...others].join(' '),
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
