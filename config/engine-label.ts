/** Says in words for people which engine translates, and where their speech goes. Pure. */
import type { Model } from './models.ts';
import { isThisComputer } from './server-url.ts';

/**
 * @param url of its endpoint; undefined: on this computer
 * @example
 * engineLabel(offline, undefined); // 'Offline engine · rough translation · nothing leaves this computer'
 */
export function engineLabel({ id, kind }: Pick<Model, 'id' | 'kind'>, url: string | undefined): string {
  const host = url === undefined ? undefined : URL.parse(url)?.host;
  const destination =
    host === undefined || isThisComputer(host) ? 'nothing leaves this computer' : `speech goes to ${host}`;
  if (kind === 'offline') return `Offline engine · rough translation · ${destination}`;
  return `${id} · speech goes to ${host ?? 'an unknown host'}`;
}
