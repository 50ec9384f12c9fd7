import { describe, expect, it } from 'vitest';
import { clusterOptions } from '../../../cli/cluster-options.ts';

const secret = 'a secret of the cluster, long enough';
const cluster = { secret, previousSecret: '', listen: '', ports: '' };

describe('the machines of one Booth', () => {
  it('are none without a secret', () => {
    expect(clusterOptions({ host: '0.0.0.0', cluster: { ...cluster, secret: '' } })).toBeUndefined();
  });

  it('send each other media at the host’s address, or at the one that is set, on the ports that are set', () => {
    const secrets = [secret, ''];
    expect(clusterOptions({ host: '10.0.0.5', cluster })).toEqual({ secrets, pipeAddress: { ip: '10.0.0.5' } });
    const set = { ...cluster, listen: '0.0.0.0=10.0.0.7', ports: '40000-40099' };
    expect(clusterOptions({ host: '10.0.0.5', cluster: set })).toEqual({
      secrets,
      pipeAddress: { ip: '0.0.0.0', announcedAddress: '10.0.0.7', ports: { min: 40_000, max: 40_099 } },
    });
  });

  it('need an address to which the others can send', () => {
    expect(() => clusterOptions({ host: '0.0.0.0', cluster })).toThrow(/BOOTH_CLUSTER_LISTEN=0\.0\.0\.0=ADDRESS/);
    expect(() => clusterOptions({ host: '127.0.0.1', cluster: { ...cluster, listen: '::' } })).toThrow(/::/);
  });
});
