/** The processes of media workers, as the kernel tells: a bare machine has no `ps`. */
import { readFileSync } from 'node:fs';
import { udpPorts } from './udp-ports.ts';

/** The process ids of the media workers that a process started. */
export function mediaWorkersOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.map(Number).filter((child) => readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('mediasoup'));
}

/** The media workers of this process: that which receives on a UDP port, and the others. */
export function mediaWorkers(port: number): { at: number; others: number[] } {
  const pids = mediaWorkersOf(process.pid);
  const at = pids.find((pid) => udpPorts(pid).includes(port));
  if (at === undefined) throw new Error(`nothing receives on port ${port}`);
  return { at, others: pids.filter((pid) => pid !== at) };
}
