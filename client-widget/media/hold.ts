/**
 * Delays received audio and video alike, so that an original plays at the same time as its translation. A receiver that has the worker's
 * transform is delayed exactly; any other one by the browser's jitter buffer, as far as that goes.
 *
 * Chromium attaches a transform to a receiver only before its first packet, so that a receiver which may be delayed later gets it at once.
 * The worker lives as long as the page, because frames that pass through it would stop without it.
 */

import { MAX_DELAY_MS } from './frame-delay-buffer.ts';
import HoldWorker from './hold.worker.ts?worker&inline';

/** The largest `jitterBufferTarget` that browsers accept. */
const LONGEST_BUFFERED_MS = 4_000;
const STARTS_WITHIN_MS = 5_000;

/** Attaches the worker's transform to a receiver that has not received anything yet. */
export type Hold = (receiver: RTCRtpReceiver) => void;

declare class RTCRtpScriptTransform {
  constructor(worker: Worker, options: unknown, transfer: Transferable[]);
}
type Transformed = RTCRtpReceiver & { transform: RTCRtpScriptTransform | null };

const ports = new WeakMap<RTCRtpReceiver, MessagePort>();
let starting: Promise<Worker | undefined> | undefined;

/** Starts the worker once. Undefined where the browser has no such transforms or the page's policy allows no worker. */
export async function holder(): Promise<Hold | undefined> {
  starting ??= start();
  const worker = await starting;
  return worker && ((receiver) => letIn(worker, receiver));
}

async function start(): Promise<Worker | undefined> {
  if (!('RTCRtpScriptTransform' in globalThis)) return undefined;
  try {
    const worker = new HoldWorker();
    const begins = await new Promise<boolean>((resolve) => {
      worker.onmessage = () => resolve(true);
      worker.onerror = () => resolve(false);
      setTimeout(() => resolve(false), STARTS_WITHIN_MS);
    });
    if (begins) return worker;
    worker.terminate();
  } catch {
    // The page's Content-Security-Policy allows no worker.
  }
  return undefined;
}

function letIn(worker: Worker, receiver: RTCRtpReceiver): void {
  // A receiver that already has a transform, for encryption perhaps, keeps it.
  if (!('transform' in receiver) || receiver.transform) return;
  const { port1, port2 } = new MessageChannel();
  (receiver as Transformed).transform = new RTCRtpScriptTransform(worker, { port: port2 }, [port2]);
  ports.set(receiver, port1);
}

export function holdBack(receivers: readonly RTCRtpReceiver[], ms: number): void {
  for (const receiver of receivers) {
    const port = ports.get(receiver);
    if (port) port.postMessage(ms);
    else if ('jitterBufferTarget' in receiver)
      receiver.jitterBufferTarget = Math.min(Math.max(ms, 0), LONGEST_BUFFERED_MS) || null;
  }
}

/** The longest delay that all these receivers can have; without any receiver, the longest delay of those to come. */
export function longestHeldMs(receivers: readonly RTCRtpReceiver[], hold: Hold | undefined): number {
  const areHeld = receivers.length > 0 ? receivers.every((receiver) => ports.has(receiver)) : hold !== undefined;
  if (areHeld) return MAX_DELAY_MS;
  return 'jitterBufferTarget' in RTCRtpReceiver.prototype ? LONGEST_BUFFERED_MS : 0;
}
