/**
 * What pages of other origins may use: the widget's files, and the calls that it makes. Nothing here is decided by cookies, so every
 * origin may: who has no token gets nothing.
 */
import type { RequestHandler } from 'express';

const EVERYONE = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };

export const forEveryOrigin: RequestHandler = (request, response, next) => {
  response.set(EVERYONE);
  if (request.method !== 'OPTIONS') return next();
  response.set({
    'Access-Control-Allow-Methods': 'GET',
    'Access-Control-Allow-Headers': 'Authorization, Last-Event-ID',
    'Access-Control-Max-Age': '7200',
  });
  response.status(204).end();
};
