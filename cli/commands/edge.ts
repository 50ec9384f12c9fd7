import { z } from 'zod';
import { listenAddresses } from '../../config/rtc-addresses.ts';
import { EdgeNode } from '../../server/edge/edge-node.ts';
import { systemClock } from '../../time/clock.ts';
import { boothCommand, listOf } from '../arguments.ts';
import { clusterOptions } from '../cluster-options.ts';
import { UsageError } from '../errors.ts';
import { openLog } from '../log.ts';
import { readSettings } from '../settings.ts';
import { waitForStopSignal } from '../stop-signal.ts';
import { handleUnforeseenErrors } from '../unforeseen-errors.ts';

const Origin = z
  .string()
  .refine((url) => /^https?:$/.test(URL.parse(url)?.protocol ?? ''), 'An http:// or https:// URL is needed.');

export const edge = boothCommand('edge')
  .description('Carries listeners of the meetings of another computer’s Booth, until it is stopped.')
  .requiredOption('--origin <URL>', 'The server of the meetings: http://10.0.0.5:3000; may be repeated', listOf(Origin))
  .action(async ({ origin: origins }: { origin: readonly string[] }) => {
    const settings = readSettings();
    const { host, rtc } = settings.config;
    const cluster = clusterOptions(settings.config);
    if (!cluster)
      throw new UsageError('BOOTH_CLUSTER_SECRET is needed, the same as that of the server of the meetings');
    const log = openLog(settings);
    const node = await EdgeNode.start({
      ...cluster,
      host,
      rtc: {
        port: rtc.port,
        tcpPort: rtc.tcpPort,
        workers: rtc.workers,
        announcedAddress: rtc.announcedAddress,
        ...(rtc.listen !== '' && { listen: listenAddresses(rtc.listen) }),
      },
      origins,
      clock: systemClock,
      wallNow: Date.now,
      log,
    });
    handleUnforeseenErrors({ contain: () => false, close: () => node.close() }, log);
    log.info({ origins }, 'edge node started');
    await waitForStopSignal();
    await node.close();
  });
