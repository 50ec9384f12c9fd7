/**
 * Lets pages of every origin use a path: the widget's files, and the calls that it makes. No decision here rests on cookies, so any
 * origin may: a page without a token gets nothing.
 */
import type { RequestHandler } from 'express';

const EVERY_ORIGIN = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };

export const allowEveryOrigin: RequestHandler = (request, response, next) => {
  response.set(EVERY_ORIGIN);
  if (request.method !== 'OPTIONS') return next();
  response.set({
    'Access-Control-Allow-Methods': 'GET',
    'Access-Control-Allow-Headers': 'Authorization, Last-Event-ID',
    'Access-Control-Max-Age': '7200',
  });
  response.status(204).end();
};
