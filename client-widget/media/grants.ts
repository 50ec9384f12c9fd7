/** What a token lets its holder do, so that nothing is offered which the server would refuse. It is the server that decides. */
import type { Grant } from '../../protocol/tokens.ts';

/** Undefined: it cannot be read. */
export function claimsIn(token: string | undefined): { room?: unknown; grants: readonly unknown[] } | undefined {
  try {
    const payload = token?.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/');
    const { booth }: { booth?: { room?: unknown; grants?: unknown } } = JSON.parse(atob(payload ?? ''));
    return booth && { room: booth.room, grants: Array.isArray(booth.grants) ? booth.grants : [] };
  } catch {
    return undefined;
  }
}

export const may = (grant: Grant, token: string | undefined): boolean =>
  claimsIn(token)?.grants.includes(grant) ?? false;
