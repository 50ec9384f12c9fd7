/** Reads the grants of a token, so that the page offers nothing that the server would refuse. The server alone verifies and decides. */
import type { Grant } from '@mediasoup-booth/protocol';

/** The claims of a token, unverified; undefined where it is no JWT of Booth. */
export function unverifiedClaims(
  token: string | undefined,
): { room?: unknown; grants: readonly unknown[] } | undefined {
  try {
    const payload = token?.split('.')[1]?.replace(/-/g, '+').replace(/_/g, '/');
    const { booth }: { booth?: { room?: unknown; grants?: unknown } } = JSON.parse(atob(payload ?? ''));
    return booth && { room: booth.room, grants: Array.isArray(booth.grants) ? booth.grants : [] };
  } catch {
    return undefined;
  }
}

/** Whether a token has a grant, as far as the page can tell. */
export const hasGrant = (grant: Grant, token: string | undefined): boolean =>
  isAmong(unverifiedClaims(token)?.grants ?? [], grant);

const receiveGrants: readonly Grant[] = ['captions', 'channels', 'originals', 'cameras'];

/** As `holds` of the protocol, which would bring its schemas into every page. */
const isAmong = (grants: readonly unknown[], grant: Grant): boolean =>
  grants.includes(grant) || (receiveGrants.includes(grant) && grants.includes('subscribe'));
