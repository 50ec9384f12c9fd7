/** How whoever runs the server signs a browser in: codes for links [admin], their exchange, and the end of it all [admin]. */
import { SignInCodeRequest, SignInLink, SignInRequest, SignInResponse } from '@mediasoup-booth/protocol';
import { originFrom } from '../auth/token-service.ts';
import { clientAddress } from '../client-address.ts';
import type { JoinDeps } from './join.ts';
import { type LinkDeps, roomLink } from './room-link.ts';
import { json, NO_CONTENT, type Route, route } from './route.ts';

export interface SignInDeps extends JoinDeps, LinkDeps {}

export const signInRoutes = ({ operators, joinLimiter, clock, ...links }: SignInDeps): Route[] => [
  route({
    method: 'post',
    path: '/v1/sign-in',
    summary: "The code of a sign-in link becomes, once, the credential of a browser that is the operator's",
    body: SignInRequest,
    answers: { 201: SignInResponse },
    async handle({ body: { code, attempt }, request }) {
      const address = clientAddress(request, links.isTrustedProxy);
      return json(201, await joinLimiter.attempt(address, clock.now(), () => operators.exchange(code, attempt)));
    },
  }),

  route({
    method: 'delete',
    path: '/v1/sign-in',
    summary: 'Signs every browser out, and voids the sign-in links that nobody has opened',
    grants: ['admin'],
    answers: { 204: null },
    async handle() {
      await operators.signOutAll();
      return NO_CONTENT;
    },
  }),

  route({
    method: 'post',
    path: '/v1/sign-in-codes',
    summary: 'Makes a sign-in link, which is good for one browser',
    grants: ['admin'],
    body: SignInCodeRequest,
    answers: { 201: SignInLink },
    handle({ claims, body: { room }, request }) {
      const issued = operators.issueCode(originFrom(claims, undefined));
      return json(201, { ...issued, link: `${roomLink(links, request, room)}#code=${issued.code}` });
    },
  }),
];
