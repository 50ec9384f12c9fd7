/** The admission control of this thread, which all interpreters that run on it share. */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { systemClock } from '../../time/clock.ts';
import { AdmissionControl } from '../demand/admission-control.ts';

let ofThisThread: AdmissionControl | undefined;

export function threadAdmission(): AdmissionControl {
  ofThisThread ??= new AdmissionControl({ busyShare: measureBusyShare(), clock: systemClock });
  return ofThisThread;
}

/** @returns a function that returns the share of the time since its last call for which this thread's event loop was busy, from 0 to 1 */
function measureBusyShare(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
