/** What a token lets its holder do, so that nothing is offered which the server would refuse. It is the server that decides. */
import type { Grant } from '../../protocol/tokens.ts';

export function may(grant: Grant, token: string | undefined): boolean {
  try {
    const payload = token?.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/');
    const { booth }: { booth?: { grants?: unknown } } = JSON.parse(atob(payload ?? ''));
    return Array.isArray(booth?.grants) && booth.grants.includes(grant);
  } catch {
    return false;
  }
}
