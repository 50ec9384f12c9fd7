/**
 * STUN requests (RFC 8489) to one server, over UDP, TCP or TLS: what ICE and TURN ask first, so that their answers tell whether anything gets
 * through. Over UDP a request is repeated as the RFC says; a server that has not answered after 4 s does not.
 */
import { createSocket } from 'node:dgram';
import { connect as connectTcp, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Message, parseMessage } from 'werift';

export const ANSWER_WITHIN_MS = 4_000;
const FIRST_REPEAT_MS = 250;

export type StunTransport = 'udp' | 'tcp' | 'tls';

export interface StunServer {
  transport: StunTransport;
  host: string;
  port: number;
  /** How messages are told apart on a stream: ICE puts their length before each (RFC 4571), TURN nothing. */
  framing: 'ice' | 'turn';
}

export interface StunClient {
  /** @throws {StunFailure} where no answer comes */
  request(message: Message): Promise<Message>;
  close(): void;
}

/** Why no answer came: nothing did, or the other end says that nobody receives there. */
export class StunFailure extends Error {
  override readonly name = 'StunFailure';
  readonly why: 'silence' | 'refused' | 'unresolved' | 'certificate';
  constructor(why: StunFailure['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/**
 * @throws {StunFailure} where there is no connection
 *
 * @example
 * const client = await openStunClient({ transport: 'udp', host: 'turn.example.org', port: 3478, framing: 'turn' });
 * const answer = await client.request(new Message(methods.BINDING, classes.REQUEST));
 */
export function openStunClient(server: StunServer): Promise<StunClient> {
  return server.transport === 'udp' ? openUdp(server) : openStream(server);
}

async function openUdp({ host, port }: StunServer): Promise<StunClient> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const pending = new PendingAnswers();
  socket.on('message', (data) => pending.push(data));
  // A port where nobody receives is answered by ICMP, which only a connected socket is told of.
  socket.on('error', (error) => pending.fail(failureOf(error)));
  await new Promise<void>((resolve, reject) => {
    socket.connect(port, host, (error?: Error) => (error ? reject(failureOf(error)) : resolve()));
  }).catch((error: unknown) => {
    socket.close();
    throw error;
  });
  return {
    async request(message) {
      const { bytes } = message;
      const send = () => socket.send(bytes, (error) => error && pending.fail(failureOf(error)));
      let pauseMs = FIRST_REPEAT_MS;
      let timer: NodeJS.Timeout | undefined;
      const repeat = () => {
        send();
        timer = setTimeout(repeat, pauseMs);
        pauseMs *= 2;
      };
      repeat();
      return pending.answerTo(message).finally(() => clearTimeout(timer));
    },
    close: () => socket.close(),
  };
}

async function openStream({ transport, host, port, framing }: StunServer): Promise<StunClient> {
  const pending = new PendingAnswers();
  const socket = await openSocket(transport, host, port);
  const headerLength = framing === 'ice' ? 2 : 20;
  let received = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data]);
    while (received.length >= headerLength) {
      const start = framing === 'ice' ? 2 : 0;
      const length = framing === 'ice' ? received.readUInt16BE(0) : 20 + received.readUInt16BE(2);
      if (received.length < start + length) return;
      pending.push(received.subarray(start, start + length));
      received = received.subarray(start + length);
    }
  });
  socket.on('error', (error) => pending.fail(failureOf(error)));
  socket.on('close', () => pending.fail(new StunFailure('refused', 'it closes the connection')));
  return {
    request(message) {
      const { bytes } = message;
      const header = Buffer.alloc(framing === 'ice' ? 2 : 0);
      if (framing === 'ice') header.writeUInt16BE(bytes.length, 0);
      socket.write(Buffer.concat([header, bytes]));
      return pending.answerTo(message);
    },
    close: () => socket.destroy(),
  };
}

function openSocket(transport: StunTransport, host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const opened = () => {
      clearTimeout(timer);
      resolve(socket);
    };
    const socket =
      transport === 'tls' ? connectTls({ host, port, servername: host }, opened) : connectTcp({ host, port }, opened);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new StunFailure('silence', 'no connection within 4 s'));
    }, ANSWER_WITHIN_MS);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(failureOf(error));
    });
  });
}

/** The answers that are waited for, by the transaction. */
class PendingAnswers {
  readonly #waiting = new Map<string, { resolve(answer: Message): void; reject(error: StunFailure): void }>();
  #failure: StunFailure | undefined;

  answerTo({ transactionId }: Message): Promise<Message> {
    if (this.#failure) return Promise.reject(this.#failure);
    const key = transactionId.toString('hex');
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    this.#waiting.set(key, { resolve, reject });
    const timer = setTimeout(() => reject(new StunFailure('silence', 'no answer within 4 s')), ANSWER_WITHIN_MS);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(key);
    });
  }

  push(data: Buffer): void {
    const answer = parsed(data);
    if (answer) this.#waiting.get(answer.transactionId.toString('hex'))?.resolve(answer);
  }

  fail(failure: StunFailure): void {
    this.#failure = failure;
    for (const { reject } of this.#waiting.values()) reject(failure);
  }
}

function parsed(data: Buffer): Message | undefined {
  try {
    return parseMessage(data);
  } catch {
    return undefined;
  }
}

function failureOf(error: NodeJS.ErrnoException | Error): StunFailure {
  if (error instanceof StunFailure) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return new StunFailure('refused', 'nobody receives there');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new StunFailure('unresolved', 'the name is not known here');
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return new StunFailure('certificate', `its certificate is not trusted (${code})`);
  return new StunFailure('silence', error.message);
}
