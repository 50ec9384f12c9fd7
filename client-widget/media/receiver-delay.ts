/**
 * Delays received audio and video alike, so that an original plays at the same time as its translation. A receiver that has the worker's
 * transform is delayed exactly; any other one by the browser's jitter buffer (`jitterBufferTarget`), which is limited to 4 s.
 *
 * Chromium attaches a transform to a receiver only before its first packet, so a receiver that may be delayed later gets it as soon as it
 * exists. The worker lives as long as the page, because frames that pass through it would stop without it.
 */
import { MAX_DELAY_MS } from './frame-delay-buffer.ts';
import DelayWorker from './receiver-delay.worker.ts?worker&inline';

/** The largest `jitterBufferTarget` that browsers accept. */
const MAX_JITTER_BUFFER_TARGET_MS = 4_000;
/** A worker that has not started by then is given up, for as long as the page is open: a busy computer may take many seconds. */
const WORKER_START_TIMEOUT_MS = 15_000;

/** Attaches the worker's transform to a receiver; call it before the receiver's first packet. */
export type AttachDelay = (receiver: RTCRtpReceiver) => void;

declare class RTCRtpScriptTransform {
  constructor(worker: Worker, options: unknown, transfer: Transferable[]);
}
type Transformed = RTCRtpReceiver & { transform: RTCRtpScriptTransform | null };

const ports = new WeakMap<RTCRtpReceiver, MessagePort>();
let starting: Promise<Worker | undefined> | undefined;

/**
 * Starts the worker, once for the page, and returns what attaches its transform to a receiver. Undefined where the browser has no such
 * transforms or the page's Content-Security-Policy allows no worker.
 */
export async function delayAttacher(): Promise<AttachDelay | undefined> {
  starting ??= start();
  const worker = await starting;
  return worker && ((receiver) => attachTransform(worker, receiver));
}

async function start(): Promise<Worker | undefined> {
  if (!('RTCRtpScriptTransform' in globalThis)) return undefined;
  try {
    const worker = new DelayWorker();
    const isReady = await new Promise<boolean>((resolve) => {
      worker.onmessage = () => resolve(true);
      worker.onerror = () => resolve(false);
      setTimeout(() => resolve(false), WORKER_START_TIMEOUT_MS);
    });
    if (isReady) return worker;
    worker.terminate();
  } catch {
    // The page's Content-Security-Policy allows no worker.
  }
  return undefined;
}

function attachTransform(worker: Worker, receiver: RTCRtpReceiver): void {
  // A receiver that already has a transform, for encryption perhaps, keeps it.
  if (!('transform' in receiver) || receiver.transform) return;
  const { port1, port2 } = new MessageChannel();
  (receiver as Transformed).transform = new RTCRtpScriptTransform(worker, { port: port2 }, [port2]);
  ports.set(receiver, port1);
}

/** Delays what the receivers receive by `ms`; 0 ends the delay. Without the transform, at most by what the jitter buffer allows. */
export function setReceiverDelay(receivers: readonly RTCRtpReceiver[], ms: number): void {
  for (const receiver of receivers) {
    const port = ports.get(receiver);
    if (port) port.postMessage(ms);
    else if ('jitterBufferTarget' in receiver)
      receiver.jitterBufferTarget = Math.min(Math.max(ms, 0), MAX_JITTER_BUFFER_TARGET_MS) || null;
  }
}

/** The longest delay that all these receivers can have; without any receiver, the longest delay of those to come. */
export function maxReceiverDelayMs(receivers: readonly RTCRtpReceiver[], attachDelay: AttachDelay | undefined): number {
  const haveTransform =
    receivers.length > 0 ? receivers.every((receiver) => ports.has(receiver)) : attachDelay !== undefined;
  if (haveTransform) return MAX_DELAY_MS;
  return 'jitterBufferTarget' in RTCRtpReceiver.prototype ? MAX_JITTER_BUFFER_TARGET_MS : 0;
}
