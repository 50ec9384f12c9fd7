/**
 * An interpreter in a process of its own, which joins the application's room over the application's own signalling: requests and answers
 * between parent and child. This file is both ends of it: the application imports it, and the child runs it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @import { InterpreterStats } from '@mediasoup-booth/protocol' */
/** @import { JoinRoom, RemotePerson, RunInterpreterOptions } from '@mediasoup-booth/interpreter/remote' */
/** @import { Router } from 'mediasoup/types' */
/** @import { ChildProcess } from 'node:child_process' */

/** @typedef {Pick<RunInterpreterOptions, 'engine' | 'limits' | 'budget'> & { people: RemotePerson[] }} Room */
/** @typedef {{ id: number, name: string, data: any }} Request */
/** @typedef {{ id: number, result?: any, error?: string }} Answer */

const file = fileURLToPath(import.meta.url);

/** In the application's process: the child, and the server's half of the signalling. */
export class RemoteInterpreter {
  /** What the interpreter has reported last. @type {InterpreterStats | undefined} */
  stats;
  /** @type {ChildProcess} */
  #child = fork(file, ['interpret'], { execArgv: [] });
  /** @type {Router} */
  #router;
  #published = Promise.withResolvers();
  /** @type {Map<string, { close(): void }>} */
  #opened = new Map();

  static async start(/** @type {Room & { router: Router }} */ { router, ...room }) {
    const { rtpCapabilities } = router;
    const interpreter = new RemoteInterpreter(router);
    interpreter.#child.send({ room: { ...room, budget: {}, rtpCapabilities } });
    return interpreter;
  }

  constructor(/** @type {Router} */ router) {
    this.#router = router;
    this.#child.on('message', (request) => void this.#answer(/** @type {Request} */ (request)));
    this.#child.once('exit', (code) => this.#published.reject(new Error(`the interpreter ended (${code})`)));
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /** Resolves when a voice of it is in the room. */
  async publishes() {
    await this.#published.promise;
  }

  async close() {
    this.#published.promise.catch(() => {});
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
    for (const one of this.#opened.values()) one.close();
  }

  async #answer(/** @type {Request} */ { id, name, data }) {
    /** @type {Answer} */
    let answer;
    try {
      answer = { id, result: await this.#handle(name, data) };
    } catch (error) {
      answer = { id, error: String(error) };
    }
    if (this.#child.connected) this.#child.send(answer);
  }

  async #handle(/** @type {string} */ name, /** @type {any} */ data) {
    /** @type {any} */
    const one = this.#opened.get(data.transportId ?? data.consumerId);
    switch (name) {
      case 'createTransport': {
        const listenInfos = [{ protocol: /** @type {const} */ ('udp'), ip: '127.0.0.1' }];
        const transport = await this.#router.createWebRtcTransport({ listenInfos, enableSctp: true });
        const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = this.#keep(transport);
        return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters };
      }
      case 'connectTransport':
        return one.connect({ dtlsParameters: data.dtlsParameters });
      case 'consume': {
        const { id, producerId, kind, rtpParameters } = this.#keep(await one.consume(data));
        return { id, producerId, kind, rtpParameters };
      }
      case 'resumeConsumer':
        return one.resume();
      case 'pauseConsumer':
        return one.pause();
      case 'produce': {
        const { id } = await one.produce(data);
        this.#published.resolve(id);
        return id;
      }
      case 'produceData':
        return (await one.produceData(data)).id;
      case 'reportStats':
        this.stats = data.stats;
        return undefined;
      default:
        throw new Error(`no request ${name}`);
    }
  }

  /** @template {{ id: string, close(): void }} T */
  #keep(/** @type {T} */ opened) {
    this.#opened.set(opened.id, opened);
    return opened;
  }
}

/** In the child: interprets until the parent is gone. */
async function interpret() {
  const { runInterpreter } = await import('@mediasoup-booth/interpreter/remote');
  /** @type {Map<number, { resolve(value: any): void, reject(error: Error): void }>} */
  const questions = new Map();
  let ids = 0;
  /** @returns {Promise<any>} */
  const request = (/** @type {string} */ name, /** @type {object} */ data) => {
    const id = ++ids;
    process.send?.({ id, name, data });
    return new Promise((resolve, reject) => questions.set(id, { resolve, reject }));
  };
  process.once('disconnect', () => process.exit());
  const [{ room }] = await once(process, 'message');
  process.on('message', (answer) => {
    const { id, result, error } = /** @type {Answer} */ (answer);
    const question = questions.get(id);
    questions.delete(id);
    if (error === undefined) question?.resolve(result);
    else question?.reject(new Error(error));
  });
  const { people, rtpCapabilities, ...options } = room;
  /** @type {JoinRoom} */
  const join = async () => ({
    routerRtpCapabilities: rtpCapabilities,
    people: () => people,
    createTransport: ({ direction }) => request('createTransport', { direction }),
    connectTransport: (transportId, dtlsParameters) => request('connectTransport', { transportId, dtlsParameters }),
    consume: (data) => request('consume', data),
    produce: (data) => request('produce', data),
    produceData: (data) => request('produceData', data),
    pauseConsumer: (consumerId) => request('pauseConsumer', { consumerId }),
    resumeConsumer: (consumerId) => request('resumeConsumer', { consumerId }),
    reportStats: (stats) => request('reportStats', { stats }),
    close() {},
  });
  await runInterpreter({ ...options, budget: { tokens: Number.POSITIVE_INFINITY }, join });
}

if (process.argv[2] === 'interpret') await interpret();
