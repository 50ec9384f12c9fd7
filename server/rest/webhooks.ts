/** The webhook endpoints, and how each is doing [admin]. */
import { WebhookChange, WebhookEndpointView, WebhookList } from '@mediasoup-booth/protocol';
import { z } from 'zod';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { json, type Route, route } from './route.ts';

export const webhookRoutes = (webhooks: Webhooks): Route[] => [
  route({
    method: 'get',
    path: '/v1/webhooks',
    summary: 'The webhook endpoints, and how each is doing',
    grants: ['admin'],
    answers: { 200: WebhookList },
    handle: () => json(200, { endpoints: webhooks.views }),
  }),

  route({
    method: 'patch',
    path: '/v1/webhooks/{id}',
    summary: 'Sends messages again to an endpoint that has answered 410',
    grants: ['admin'],
    params: z.object({ id: z.string().max(64) }),
    body: WebhookChange,
    answers: { 200: WebhookEndpointView },
    handle: ({ params: { id } }) => json(200, webhooks.enable(id)),
  }),
];
