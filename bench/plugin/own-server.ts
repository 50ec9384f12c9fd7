/** A room of Booth's own server, for comparison: people who speak over plain RTP, and somebody who hears and reads Spanish. */
import { randomUUID } from 'node:crypto';
import type { RoomMessage } from '@mediasoup-booth/protocol';
import { signalUrl } from '@mediasoup-booth/protocol';
import jsonwebtoken from 'jsonwebtoken';
import { joinRoom } from '../../bot/room/join-room.ts';
import { openSocket } from '../../bot/room/open-socket.ts';
import type { RoomConnection } from '../../bot/room/room-connection.ts';
import { SignallingClient } from '../../room-client/signalling-client.ts';
import { systemClock } from '../../time/clock.ts';
import { LoadChild } from '../support/load/child.ts';
import type { FromHost, ToHost } from '../support/load/host.ts';
import { PLAIN_MICROPHONE } from '../support/load/plain-microphone.ts';

const SECRET = 'a secret for this benchmark only';
const ROOM = 'hall';
const FIRST_SSRC = 2000;

export interface MicrophoneAddress {
  port: number;
  ssrc: number;
  payloadType: number;
}

export class OwnServer {
  /** The ports at which the packets of the speakers are expected. */
  readonly microphones: MicrophoneAddress[] = [];
  readonly #host: LoadChild<ToHost, FromHost>;
  readonly #url: string;
  readonly #clients: SignallingClient[] = [];
  readonly #awaited = new Map<string, () => void>();
  #reader: RoomConnection | undefined;

  /** Resolves when people who will speak English are there, somebody reads, and the interpreter has come. @param vendor URL of the translation service */
  static async start(vendor: string, speakers: number): Promise<OwnServer> {
    const host = new LoadChild<ToHost, FromHost>('host.ts');
    const listening = host.next('listening');
    host.send({ start: { vendor, secret: SECRET, tracks: 'mixed', isolation: 'thread' } });
    const server = new OwnServer(host, signalUrl((await listening).url));
    try {
      for (let n = 0; n < speakers; n++) server.microphones.push(await server.#speaker(n));
      await server.#read();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  private constructor(host: LoadChild<ToHost, FromHost>, url: string) {
    this.#host = host;
    this.#url = url;
  }

  /** Resolves with the next caption of what somebody says. */
  caption(n: number): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(speakerId(n), resolve));
  }

  async #speaker(n: number): Promise<MicrophoneAddress> {
    const ssrc = FIRST_SSRC + n;
    const signalling = new SignallingClient(await openSocket(this.#url, tokenOf(speakerId(n))));
    this.#clients.push(signalling);
    await signalling.request('join', { speaks: 'en', hears: 'original', reads: [] });
    const { id: transportId } = await signalling.request('transport.create', { direction: 'send' });
    const published = this.#host.next('microphone');
    const rtpParameters = {
      codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: {} }],
      encodings: [{ ssrc }],
      rtcp: { cname: PLAIN_MICROPHONE },
    };
    await signalling.request('producer.create', { transportId, kind: 'audio', source: 'microphone', rtpParameters });
    return published;
  }

  async close(): Promise<void> {
    this.#reader?.close();
    for (const client of this.#clients) client.close();
    await this.#host.stop({ close: true });
  }

  /** Resolves when the captions of an interpreter are received. */
  async #read(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let isReading = false;
    const look = () => {
      const captions = [...(this.#reader?.participants.values() ?? [])]
        .flatMap(({ dataProducers }) => dataProducers)
        .find(({ booth }) => booth?.role === 'captions' && booth.language === 'es');
      if (!captions || isReading) return;
      isReading = true;
      this.#reader?.receiveTexts(captions.id, (text) => this.#receive(text)).then(() => resolve(), reject);
    };
    this.#reader = await joinRoom({
      url: this.#url,
      token: tokenOf('listener'),
      preferences: { hears: 'es', reads: ['es'] },
      clock: systemClock,
      events: { changed: look, ended: ({ reason }) => reject(new Error(reason)) },
    });
    look();
    await promise;
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as RoomMessage;
    if (message.type === 'caption') this.#awaited.get(message.speaker.id)?.();
  }
}

const speakerId = (n: number): string => `speaker${n}`;

const tokenOf = (subject: string): string =>
  jsonwebtoken.sign({ jti: randomUUID(), booth: { room: ROOM, grants: ['publish', 'subscribe'] } }, SECRET, {
    subject,
    expiresIn: '1h',
    algorithm: 'HS256',
  });
