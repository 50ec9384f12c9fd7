/** How busy this computer and the server's thread are, from 0 to 1. */
import { availableParallelism, loadavg } from 'node:os';
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** Returns a function that tells the load since it was called last. */
export function measureNodeLoad(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const [lastMinute = 0] = loadavg();
    return Math.min(1, Math.max(utilization, lastMinute / availableParallelism()));
  };
}
