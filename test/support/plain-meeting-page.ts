/** The page of an application that knows its own meeting, and shows an interpreter with `meeting()`. */
import { Device } from 'mediasoup-client';
import type { ConsumerOptions, DataConsumerOptions, Transport } from 'mediasoup-client/types';
import type { Meeting, MeetingOptions } from '../../client-widget/public/meeting.d.ts';

interface Role {
  role: 'channel' | 'captions';
  language: string;
}

/** What a test does with the page. */
export interface PlainApp {
  booth: Meeting;
  begin(more?: Partial<MeetingOptions>): Promise<Meeting>;
  consumers: Map<string, { close(): void }>;
  /** The role of what comes without one in its `appData`. */
  role?: Role;
}

const url = '/meeting.js';
const { meeting } = (await import(/* @vite-ignore */ url)) as { meeting(options: MeetingOptions): Meeting };

const socket = new WebSocket(location.href.replace('http', 'ws'));
const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
const listeners: Record<string, (data: unknown) => unknown> = {};
let requests = 0;
socket.addEventListener('message', ({ data: text }) => {
  const { id, answer, method, data } = JSON.parse(text);
  if (method) return void listeners[method]?.(data);
  const asked = waiting.get(id);
  waiting.delete(id);
  if (answer?.error) asked?.reject(new Error(answer.error));
  else asked?.resolve(answer);
});
const connected = new Promise((resolve) => socket.addEventListener('open', resolve));
const request = async (method: string, data?: unknown) => {
  await connected;
  return new Promise<unknown>((resolve, reject) => {
    waiting.set(++requests, { resolve, reject });
    socket.send(JSON.stringify({ id: requests, method, data }));
  });
};

const begin = (more: Partial<MeetingOptions> = {}): Meeting =>
  meeting({
    me: 'me',
    languages: { targets: [{ code: 'es' }, { code: 'fr' }, { code: 'ar', audio: false }] },
    choose: (languages) => request('choose', languages),
    ...(globalThis as { more?: Partial<MeetingOptions> }).more,
    ...more,
  });

/** What was received before, for a meeting that is begun again. */
const received: ((booth: Meeting) => void)[] = [];
const app = {
  booth: begin(),
  consumers: new Map<string, { close(): void }>(),
  async begin(more?: Partial<MeetingOptions>) {
    app.booth = begin(more);
    for (const add of received) add(app.booth);
    return app.booth;
  },
} as PlainApp;
Object.assign(globalThis, { app });

const take = (add: (booth: Meeting) => void) => {
  received.push(add);
  add(app.booth);
};

const device = await Device.factory();
await device.load({
  routerRtpCapabilities: (await request('capabilities')) as Parameters<Device['load']>[0]['routerRtpCapabilities'],
});
const transport: Transport = device.createRecvTransport(
  (await request('transport')) as Parameters<Device['createRecvTransport']>[0],
);
transport.on('connect', ({ dtlsParameters }, done, failed) => {
  request('connect', { dtlsParameters }).then(() => done(), failed);
});
listeners.consumer = async (options) => {
  const consumer = await transport.consume(options as ConsumerOptions);
  app.consumers.set(consumer.id, consumer);
  const { peerId } = consumer.appData as { peerId?: string };
  if (peerId === undefined) return take((booth) => booth.add(consumer, app.role));
  const audio = document.createElement('audio');
  audio.id = `audio-of-${peerId}`;
  audio.srcObject = new MediaStream([consumer.track]);
  document.body.append(audio);
  audio.play().catch(() => undefined);
  take((booth) => booth.original(peerId, consumer, () => document.querySelector<HTMLAudioElement>(`#${audio.id}`)));
};
listeners.dataConsumer = async (options) => {
  const consumer = await transport.consumeData(options as DataConsumerOptions);
  app.consumers.set(consumer.id, consumer);
  take((booth) => booth.add(consumer));
};
listeners.closed = (data) => {
  const { id } = data as { id: string };
  app.consumers.get(id)?.close();
  app.consumers.delete(id);
};
await request('ready');
