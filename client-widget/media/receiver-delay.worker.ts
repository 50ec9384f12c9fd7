/** The worker that delays encoded frames. Each track has a port over which the page sends the delay in milliseconds. */
import { type EncodedFrame, FrameDelayBuffer } from './frame-delay-buffer.ts';

interface Transformer {
  options: { port: MessagePort };
  readable: ReadableStream<EncodedFrame>;
  writable: WritableStream<EncodedFrame>;
}

async function delayFrames({ options: { port }, readable, writable }: Transformer): Promise<void> {
  const buffer = new FrameDelayBuffer<EncodedFrame>();
  const reader = readable.getReader();
  const writer = writable.getWriter();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const release = () => {
    clearTimeout(timer);
    // A track that has ended rejects writes.
    for (const frame of buffer.due(performance.now())) writer.write(frame).catch(() => undefined);
    if (buffer.nextAtMs !== undefined) timer = setTimeout(release, buffer.nextAtMs - performance.now());
  };
  port.onmessage = ({ data }: MessageEvent<number>) => {
    buffer.setDelay(data, performance.now());
    release();
  };
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    buffer.push(next.value, performance.now());
    release();
  }
  clearTimeout(timer);
  port.close();
}

addEventListener('rtctransform', (event) => {
  delayFrames((event as Event & { transformer: Transformer }).transformer).catch(() => undefined);
});
postMessage('ready');
