/**
 * The client's side of a LiveTranslate session, without sockets: frames go in and come out as texts, and the clock is passed in.
 *
 * Hard requirement: the session ends exactly once, whatever the service does or fails to do, and calls no event after that. So every
 * wait has a limit: 10 s for the connection, 10 s for the settings, 20 s for the end, 2 s for the close. A session starts with
 * `session.created` → `session.update` → `session.updated`, and speech is sent only after that.
 */

import { BoundedSet } from '../../../collections/bounded-map.ts';
import type { Model } from '../../../config/models.ts';
import type { Logger } from '../../../logging/logger.ts';
import type { Clock } from '../../../time/clock.ts';
import type { SessionEvents, TranslationError, TranslationSession } from '../translation-session.ts';
import { AUDIO_CHUNK_SAMPLES, AudioOutbox } from './audio-outbox.ts';
import { clientDialects } from './dialects.ts';
import { ServerFrameReader } from './frame-reader.ts';
import { ImageGate } from './image-gate.ts';
import { readFrame, type ServerFrame } from './server-frame.ts';
import type { SessionSettings } from './settings.ts';
import { checkSettings } from './settings-check.ts';
import type { Dial, Ending, ServiceEndpoint, ServiceSocket } from './socket.ts';
import { SessionUsageMeter } from './usage-meter.ts';
import {
  endedByService,
  errorFromEnding,
  errorFromFrame,
  leavesSessionAlive,
  presentable,
  survivable,
  timedOut,
  type VendorError,
} from './vendor-errors.ts';

const CONNECT_WITHIN_MS = 10_000;
const CONFIGURE_WITHIN_MS = 10_000;
const FINISH_WITHIN_MS = 20_000;
const CLOSE_WITHIN_MS = 2000;
const ERROR_EXPLAINS_CLOSE_WITHIN_MS = 5000;
/** About 1.5 s of speech in base64. More than that waits in the outbox, which drops the oldest speech. */
const MAX_BUFFERED_BYTES = 65_536;
const MAX_EVENT_IDS = 1024;
/** WebSocket close codes of RFC 6455 §7.4.1. */
const NORMAL_CLOSURE = 1000;
const NO_STATUS_RECEIVED = 1005;

export interface LiveTranslateClientOptions {
  model: Model;
  settings: SessionSettings;
  events: SessionEvents;
  endpoint: ServiceEndpoint;
  dial: Dial;
  clock: Clock;
  log: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

/** Counts of what was lost or not understood, logged at the end of the session. */
export interface SessionCounters {
  droppedMs: number;
  droppedImages: number;
  malformedFrames: number;
  repeatedFrames: number;
  unknownFrames: number;
}

export class LiveTranslateClient implements TranslationSession {
  readonly #options: LiveTranslateClientOptions;
  readonly #socket: ServiceSocket;
  readonly #reader: ServerFrameReader;
  readonly #outbox = new AudioOutbox();
  readonly #imageGate: ImageGate;
  readonly #usageMeter: SessionUsageMeter;
  readonly #seenEventIds = new BoundedSet<string>(MAX_EVENT_IDS);
  readonly #ended = Promise.withResolvers<void>();
  #state: 'connecting' | 'connected' | 'configuring' | 'ready' | 'ended' = 'connecting';
  #finishing = false;
  #sentFinish = false;
  #sentAudio = false;
  #socketEnded = false;
  #cancelDeadline: () => void;
  #cancelTerminate = (): void => {};
  /** The last error that left the session alive. If the connection ends soon after it, it is the reason. */
  #survivedError: { error: TranslationError; atMs: number } | undefined;
  #sentFrames = 0;
  #droppedImages = 0;
  #malformedFrames = 0;
  #repeatedFrames = 0;
  #unknownFrames = 0;

  constructor(options: LiveTranslateClientOptions) {
    this.#options = options;
    const { model, settings, events, dial, clock } = options;
    this.#imageGate = new ImageGate(model.limits);
    this.#usageMeter = new SessionUsageMeter(model.rates);
    this.#reader = new ServerFrameReader({
      events,
      transcriptOnly: settings.transcriptOnly,
      hasAudioOutput: settings.hasAudioOutput,
      usageMeter: this.#usageMeter,
      segmentFailed: (details) => this.#segmentFailed(details),
      nowMs: () => clock.now(),
      pushedMs: (serviceMs) => this.#outbox.pushedMs(serviceMs),
    });
    this.#cancelDeadline = this.#failAfter(CONNECT_WITHIN_MS, 'did not answer within 10 s');
    this.#socket = dial({
      opened: () => this.#guarded(() => this.#opened()),
      received: (text) => this.#guarded(() => this.#received(text)),
      receivedBinary: () => this.#malformedFrames++,
      drained: () => this.#guarded(() => this.#pump()),
      ended: (ending) => this.#guarded(() => this.#onSocketEnded(ending)),
    });
  }

  get counters(): SessionCounters {
    return {
      droppedMs: this.#outbox.droppedMs,
      droppedImages: this.#droppedImages,
      malformedFrames: this.#malformedFrames,
      repeatedFrames: this.#repeatedFrames,
      unknownFrames: this.#unknownFrames,
    };
  }

  send(samples: Int16Array): void {
    if (this.#state === 'ended' || this.#finishing) return;
    // Chunk by chunk, so that speech that the network takes at once is never dropped from a full outbox.
    for (let at = 0; at < samples.length; at += AUDIO_CHUNK_SAMPLES) {
      this.#outbox.push(samples.subarray(at, at + AUDIO_CHUNK_SAMPLES));
      this.#pump();
    }
  }

  sendImage(jpeg: Uint8Array): boolean {
    if (this.#state === 'ended' || this.#finishing) return false;
    const admitted = this.#imageGate.admit(jpeg, {
      nowMs: this.#options.clock.now(),
      sentAudio: this.#sentAudio,
      bufferedBytes: this.#socket.bufferedBytes,
    });
    if (typeof admitted === 'string') {
      this.#droppedImages++;
      this.#options.log.debug({ reason: admitted }, 'image dropped');
      return false;
    }
    this.#sendFrame('input_image_buffer.append', { image: Buffer.from(jpeg).toString('base64') });
    this.#usageMeter.imageSent(admitted);
    return true;
  }

  finish(): Promise<void> {
    if (this.#state === 'ended' || this.#finishing) return this.#ended.promise;
    this.#finishing = true;
    this.#outbox.flush();
    this.#cancelDeadline();
    this.#cancelDeadline = this.#options.clock.after(FINISH_WITHIN_MS, () => {
      this.#options.log.warn({}, 'end of translation session not confirmed');
      this.#end(
        this.#state === 'ready' ? undefined : timedOut('did not accept the session in time', this.#options.endpoint),
      );
    });
    this.#pump();
    return this.#ended.promise;
  }

  close(): void {
    this.#end();
  }

  #opened(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'connected';
    if (this.#finishing) return;
    this.#cancelDeadline();
    this.#cancelDeadline = this.#failAfter(CONFIGURE_WITHIN_MS, 'did not accept the session within 10 s');
  }

  #received(json: string): void {
    if (this.#state === 'ended') return;
    const frame = readFrame(json);
    if (!frame) this.#malformedFrames++;
    else if (this.#isRepeated(frame)) this.#repeatedFrames++;
    else this.#dispatch(frame);
  }

  #isRepeated({ event_id }: ServerFrame): boolean {
    if (!event_id) return false;
    if (this.#seenEventIds.has(event_id)) return true;
    this.#seenEventIds.add(event_id);
    return false;
  }

  #dispatch(frame: ServerFrame): void {
    switch (frame.type) {
      case 'session.created':
        if (this.#state === 'connected') this.#configure();
        break;
      case 'session.updated':
        if (this.#state === 'configuring') this.#ready(frame);
        break;
      case 'session.finished':
        this.#end(this.#finishing ? undefined : endedByService(this.#options.endpoint));
        break;
      case 'error':
        this.#failed(frame);
        break;
      default:
        if (!this.#reader.read(frame)) this.#unknown(frame);
    }
  }

  #configure(): void {
    const { model, settings } = this.#options;
    this.#state = 'configuring';
    this.#sendFrame('session.update', { session: clientDialects[model.dialect].session(settings) });
  }

  #ready({ session }: ServerFrame): void {
    this.#state = 'ready';
    if (!this.#finishing) this.#cancelDeadline();
    this.#outbox.goLive();
    const { settings, events, endpoint, log } = this.#options;
    const { agreed, contradictions } = checkSettings(session, settings, endpoint);
    for (const difference of contradictions)
      log.warn({ difference }, 'session settings differ from the requested ones');
    this.#guarded(() => events.ready(agreed));
    this.#pump();
  }

  /** Sends as much speech as the network has room for, and `session.finish` after the last of it. */
  #pump(): void {
    if (this.#state !== 'ready') return;
    while (this.#socket.bufferedBytes < MAX_BUFFERED_BYTES) {
      const chunk = this.#outbox.take();
      if (!chunk) {
        if (this.#finishing) this.#sendFinish();
        return;
      }
      this.#sendFrame('input_audio_buffer.append', { audio: base64(chunk) });
      this.#sentAudio = true;
      this.#usageMeter.audioSent(chunk.length);
    }
  }

  #sendFinish(): void {
    if (this.#sentFinish) return;
    this.#sentFinish = true;
    this.#sendFrame('session.finish', {});
  }

  #sendFrame(type: string, content: object): void {
    this.#socket.send(JSON.stringify({ event_id: `evt-${++this.#sentFrames}`, type, ...content }));
  }

  #failed(frame: ServerFrame): void {
    const details = frame.error ?? frame;
    const failure = errorFromFrame(details, this.#options.endpoint);
    if (this.#state === 'ready' && leavesSessionAlive(details, failure)) {
      this.#recordSurvived(failure);
    } else {
      this.#end(failure);
    }
  }

  /** A transcription or a response failed: whatever the class of the error, the next one may succeed. */
  #segmentFailed(details: VendorError): void {
    this.#recordSurvived(errorFromFrame(details, this.#options.endpoint));
  }

  #recordSurvived(error: TranslationError): void {
    this.#survivedError = { error, atMs: this.#options.clock.now() };
    this.#options.log.warn(
      { code: error.code, class: error.class, reason: error.message },
      'translation service reported an error',
    );
    if (error.class === 'content') this.#options.events.contentFiltered(error);
  }

  /** Some errors of the service come in a frame without the type `error`. */
  #unknown(frame: ServerFrame): void {
    if (typeof frame.code === 'string') {
      this.#failed(frame);
    } else {
      this.#unknownFrames++;
      const type = presentable(frame.type ?? '', this.#options.endpoint);
      this.#options.log.debug({ type }, 'frame of unknown type');
    }
  }

  #onSocketEnded(ending: Ending): void {
    this.#socketEnded = true;
    this.#cancelTerminate();
    if (this.#state === 'ended') return;
    const isNormal = ending.type === 'closed' && (ending.code === NORMAL_CLOSURE || ending.code === NO_STATUS_RECEIVED);
    const expected = this.#sentFinish && isNormal;
    this.#end(expected ? undefined : this.#causeOf(ending));
  }

  /** If a close gives no reason, an error shortly before it is taken for the reason. */
  #causeOf(ending: Ending): TranslationError {
    const error = errorFromEnding(ending, this.#options.endpoint);
    const survived = this.#survivedError;
    const explained = survived && this.#options.clock.now() - survived.atMs <= ERROR_EXPLAINS_CLOSE_WITHIN_MS;
    return error.class === 'transient' && explained ? survivable(survived.error) : error;
  }

  #failAfter(ms: number, what: string): () => void {
    return this.#options.clock.after(ms, () => this.#end(timedOut(what, this.#options.endpoint)));
  }

  #end(error?: TranslationError): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelDeadline();
    this.#closeSocket();
    this.#options.log.debug({ ...this.counters, code: error?.code }, 'translation session ended');
    const rest = this.#usageMeter.takeUsage(undefined);
    if (rest) this.#guarded(() => this.#options.events.usage(rest));
    this.#guarded(() => this.#options.events.closed(error));
    this.#ended.resolve();
  }

  /** Closes the socket, and terminates it after 2 s, because the service does not always answer a close. */
  #closeSocket(): void {
    if (this.#socketEnded) return;
    this.#cancelTerminate = this.#options.clock.after(CLOSE_WITHIN_MS, () => this.#socket.terminate());
    this.#socket.close();
  }

  /** Calls a listener: an error that it throws must end neither the process nor this session. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.log.error({ err: error }, 'translation session listener failed');
    }
  }
}

const base64 = (samples: Int16Array): string =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
