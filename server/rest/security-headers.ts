/** Content security policy and other security headers: pages run their own scripts only, connect to this server only, and cannot be framed. */
import type { RequestHandler } from 'express';

/** @param publicUrl the address under which browsers reach the server, where it is configured */
export const securityHeaders =
  (publicUrl: string | undefined): RequestHandler =>
  (request, response, next) => {
    // A proxy may ask for the server by another name than browsers know.
    const hosts = new Set([request.host, ...(publicUrl ? [new URL(publicUrl).host] : [])]);
    response.set({
      'Content-Security-Policy': contentSecurityPolicy([...hosts]),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), autoplay=(self)',
    });
    next();
  };

function contentSecurityPolicy(hosts: readonly (string | undefined)[]): string {
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
    ["connect-src 'self'", ...sockets].join(' '),
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
