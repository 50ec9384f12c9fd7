/** What the machines of one Booth need to recognise and reach each other, as the configuration has it. */
import { listenAddresses, portRange } from '../config/rtc-addresses.ts';
import type { Config } from '../config/schema.ts';
import type { ClusterSecrets } from '../server/edge/cluster-credential.ts';
import type { PipeAddress } from '../server/edge/pipe-transport.ts';
import { CommandError } from './errors.ts';

/**
 * Undefined: this machine is none of several.
 *
 * @throws {CommandError} where other machines could send nothing to the address
 */
export function clusterOptions({
  host,
  cluster: { secret, previousSecret, listen, ports },
}: Pick<Config, 'host' | 'cluster'>): { secrets: ClusterSecrets; pipeAddress: PipeAddress } | undefined {
  if (secret === '') return undefined;
  const [address = { ip: host }] = listenAddresses(listen) ?? [];
  if (['0.0.0.0', '::'].includes(address.ip) && !address.announcedAddress)
    throw new CommandError(
      `media from other machines cannot be sent to ${address.ip}: set BOOTH_CLUSTER_LISTEN=${address.ip}=ADDRESS, this computer’s address among them`,
    );
  return { secrets: [secret, previousSecret], pipeAddress: { ...address, ports: portRange(ports) } };
}
