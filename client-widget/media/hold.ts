/**
 * Holds back what comes over a connection, sound and pictures alike, so that it meets its translation. What passes through a worker is
 * held there, encoded, by exactly as much as is asked; anything else by the browser's jitter buffer, as far as that goes.
 *
 * Chromium lets a worker have a receiver only before its first packet: whoever may want it later lets it in at once. The worker
 * stays for as long as the page, because what passes through it would stop without it.
 */

import { MAX_DELAY_MS } from './frame-delay-buffer.ts';
import HoldWorker from './hold.worker.ts?worker&inline';

/** The longest that browsers take for `jitterBufferTarget`. */
const LONGEST_BUFFERED_MS = 4_000;
const STARTS_WITHIN_MS = 5_000;

/** Lets the worker have a receiver, which must be new. */
export type Hold = (receiver: RTCRtpReceiver) => void;

declare class RTCRtpScriptTransform {
  constructor(worker: Worker, options: unknown, transfer: Transferable[]);
}
type Transformed = RTCRtpReceiver & { transform: RTCRtpScriptTransform | null };

const ports = new WeakMap<RTCRtpReceiver, MessagePort>();
let starting: Promise<Worker | undefined> | undefined;

/** Undefined: the browser, or the page's policy, lets no worker have what comes. */
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
    // A policy that allows none.
  }
  return undefined;
}

function letIn(worker: Worker, receiver: RTCRtpReceiver): void {
  // Whoever has it already, be it for encryption, keeps it.
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

/** For how long all of these can be held back; without any, those to come. */
export function longestHeldMs(receivers: readonly RTCRtpReceiver[], hold: Hold | undefined): number {
  const areHeld = receivers.length > 0 ? receivers.every((receiver) => ports.has(receiver)) : hold !== undefined;
  if (areHeld) return MAX_DELAY_MS;
  return 'jitterBufferTarget' in RTCRtpReceiver.prototype ? LONGEST_BUFFERED_MS : 0;
}
