/**
 * The client's side of a LiveTranslate session, without sockets: frames go in and come out as texts, time is passed in.
 *
 * It opens by `session.created` → `session.update` → `session.updated`, and only then sends speech. Every wait has a limit
 * (10 s for the connection, 10 s for the settings, 20 s for the end, 2 s for the close), so that the session ends once,
 * whatever the other side does or leaves undone; after its end nothing is said any more.
 */
import type { Logger } from 'pino';
import { BoundedMap } from '../../../collections/bounded-map.ts';
import type { Model } from '../../../config/models.ts';
import type { Clock } from '../../../time/clock.ts';
import type { SessionEvents, TranslationError, TranslationSession } from '../translation-session.ts';
import { clientDialects } from './dialects.ts';
import { readFrame, type ServerFrame } from './frames.ts';
import { AUDIO_CHUNK_SAMPLES, AudioOutbox } from './outbox.ts';
import { PictureGate } from './picture.ts';
import { ServerFrameReader } from './reader.ts';
import type { SessionSettings } from './settings.ts';
import { checkSettings } from './settings-check.ts';
import { SessionUsageMeter } from './usage.ts';
import {
  endedByService,
  errorFromEnding,
  errorFromFrame,
  leavesSessionAlive,
  presentable,
  timedOut,
  type VendorError,
} from './vendor-errors.ts';
import type { Dial, Ending, ServiceEndpoint, ServiceSocket } from './wire.ts';

const CONNECT_WITHIN_MS = 10_000;
const CONFIGURE_WITHIN_MS = 10_000;
const FINISH_WITHIN_MS = 20_000;
const CLOSE_WITHIN_MS = 2000;
const ERROR_EXPLAINS_CLOSE_WITHIN_MS = 5000;
/** About a second and a half of speech in base64: what waits longer waits in the outbox, where old speech gives way. */
const MAX_SOCKET_BACKLOG_BYTES = 65_536;
const MAX_EVENT_IDS = 1024;

export interface LiveTranslateClientOptions {
  model: Model;
  settings: SessionSettings;
  events: SessionEvents;
  endpoint: ServiceEndpoint;
  dial: Dial;
  clock: Clock;
  log: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

/** What was lost or not understood, told in the log at the session's end. */
export interface SessionCounters {
  droppedMs: number;
  droppedPictures: number;
  malformedFrames: number;
  repeatedFrames: number;
  unknownFrames: number;
}

export class LiveTranslateClient implements TranslationSession {
  readonly #options: LiveTranslateClientOptions;
  readonly #socket: ServiceSocket;
  readonly #reader: ServerFrameReader;
  readonly #outbox = new AudioOutbox();
  readonly #pictureGate: PictureGate;
  readonly #usageMeter: SessionUsageMeter;
  readonly #seenEventIds = new BoundedMap<string, true>(MAX_EVENT_IDS);
  readonly #ended = Promise.withResolvers<void>();
  #state: 'connecting' | 'connected' | 'configuring' | 'ready' | 'ended' = 'connecting';
  #finishing = false;
  #sentFinish = false;
  #sentAudio = false;
  #socketEnded = false;
  #cancelDeadline: () => void;
  #cancelTerminate = (): void => {};
  /** An error that left the session alive: if the connection ends after it, this is why. */
  #survivedError: { error: TranslationError; atMs: number } | undefined;
  #sentFrames = 0;
  #droppedPictures = 0;
  #malformedFrames = 0;
  #repeatedFrames = 0;
  #unknownFrames = 0;

  constructor(options: LiveTranslateClientOptions) {
    this.#options = options;
    const { model, settings, events, dial, clock } = options;
    this.#pictureGate = new PictureGate(model.limits);
    this.#usageMeter = new SessionUsageMeter(model.rates);
    this.#reader = new ServerFrameReader({
      events,
      transcriptOnly: settings.transcriptOnly,
      speaks: settings.speaks,
      usageMeter: this.#usageMeter,
      failed: (said) => this.#segmentFailed(said),
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
      droppedPictures: this.#droppedPictures,
      malformedFrames: this.#malformedFrames,
      repeatedFrames: this.#repeatedFrames,
      unknownFrames: this.#unknownFrames,
    };
  }

  send(samples: Int16Array): void {
    if (this.#state === 'ended' || this.#finishing) return;
    // Piece by piece, so that what the network takes at once never waits where the oldest gives way.
    for (let at = 0; at < samples.length; at += AUDIO_CHUNK_SAMPLES) {
      this.#outbox.push(samples.subarray(at, at + AUDIO_CHUNK_SAMPLES));
      this.#pump();
    }
  }

  sendImage(jpeg: Uint8Array): boolean {
    if (this.#state === 'ended' || this.#finishing) return false;
    const admitted = this.#pictureGate.admit(jpeg, {
      nowMs: this.#options.clock.now(),
      sentAudio: this.#sentAudio,
      backlogBytes: this.#socket.backlogBytes,
    });
    if (typeof admitted === 'string') {
      this.#droppedPictures++;
      this.#options.log.debug({ why: admitted }, 'a picture was dropped');
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
      this.#options.log.warn('the translation service did not confirm the end of the session');
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
    this.#seenEventIds.set(event_id, true);
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
    const { settings, events, endpoint: peer, log } = this.#options;
    const { agreed, contradictions } = checkSettings(session, settings, peer);
    for (const contradiction of contradictions) log.warn(contradiction);
    this.#guarded(() => events.ready(agreed));
    this.#pump();
  }

  /** Sends what the network has room for; the end of the session comes after the last of the speech. */
  #pump(): void {
    if (this.#state !== 'ready') return;
    while (this.#socket.backlogBytes < MAX_SOCKET_BACKLOG_BYTES) {
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
    const said = frame.error ?? frame;
    const failure = errorFromFrame(said, this.#options.endpoint);
    if (this.#state === 'ready' && leavesSessionAlive(said, failure)) {
      this.#recordSurvived(failure);
    } else {
      this.#end(failure);
    }
  }

  /** A failed transcription or response: whatever its class, the next one may be better. */
  #segmentFailed(said: VendorError): void {
    this.#recordSurvived(errorFromFrame(said, this.#options.endpoint));
  }

  #recordSurvived(error: TranslationError): void {
    this.#survivedError = { error, atMs: this.#options.clock.now() };
    this.#options.log.warn({ code: error.code, class: error.class }, error.message);
    if (error.class === 'content') this.#options.events.contentFiltered(error);
  }

  /** Some errors of the service come without a type. */
  #unknown(frame: ServerFrame): void {
    if (typeof frame.code === 'string') {
      this.#failed(frame);
    } else {
      this.#unknownFrames++;
      const type = presentable(frame.type ?? '', this.#options.endpoint);
      this.#options.log.debug({ type }, 'a frame of an unknown type');
    }
  }

  #onSocketEnded(ending: Ending): void {
    this.#socketEnded = true;
    this.#cancelTerminate();
    if (this.#state === 'ended') return;
    const asked = this.#sentFinish && ending.how === 'closed' && (ending.code === 1000 || ending.code === 1005);
    this.#end(asked ? undefined : this.#causeOf(ending));
  }

  /** A close that explains nothing, soon after an error, is explained by that. */
  #causeOf(ending: Ending): TranslationError {
    const error = errorFromEnding(ending, this.#options.endpoint);
    const survived = this.#survivedError;
    const explained = survived && this.#options.clock.now() - survived.atMs <= ERROR_EXPLAINS_CLOSE_WITHIN_MS;
    return error.class === 'transient' && explained ? survived.error : error;
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

  /** The service was seen to leave a close unanswered. */
  #closeSocket(): void {
    if (this.#socketEnded) return;
    this.#cancelTerminate = this.#options.clock.after(CLOSE_WITHIN_MS, () => this.#socket.terminate());
    this.#socket.close();
  }

  /** A listener's mistake must not end the process, nor this session. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.log.error({ err: error }, 'a listener of a translation session failed');
    }
  }
}

const base64 = (samples: Int16Array): string =>
  Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
