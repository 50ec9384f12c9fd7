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
import { dialects } from './dialects.ts';
import { readFrame, type ServerFrame } from './frames.ts';
import { CHUNK_SAMPLES, Outbox } from './outbox.ts';
import { PictureGate } from './picture.ts';
import { ServerFrameReader } from './reader.ts';
import type { SessionSettings } from './settings.ts';
import { verdictOn } from './settings-check.ts';
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
import type { Dial, Ending, ServiceEndpoint, Wire } from './wire.ts';

const CONNECT_WITHIN_MS = 10_000;
const CONFIGURE_WITHIN_MS = 10_000;
const FINISH_WITHIN_MS = 20_000;
const CLOSE_WITHIN_MS = 2000;
const ERROR_EXPLAINS_CLOSE_WITHIN_MS = 5000;
/** About a second and a half of speech in base64: what waits longer waits in the outbox, where old speech gives way. */
const MAX_SOCKET_BACKLOG_BYTES = 65_536;
const MAX_EVENT_IDS = 1024;

export interface ClientOptions {
  model: Model;
  settings: SessionSettings;
  events: SessionEvents;
  peer: ServiceEndpoint;
  dial: Dial;
  clock: Clock;
  log: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

/** What was lost or not understood, told in the log at the session's end. */
export interface Counters {
  droppedMs: number;
  droppedPictures: number;
  malformedFrames: number;
  repeatedFrames: number;
  unknownFrames: number;
}

export class LiveTranslateClient implements TranslationSession {
  readonly #options: ClientOptions;
  readonly #wire: Wire;
  readonly #reader: ServerFrameReader;
  readonly #outbox = new Outbox();
  readonly #pictures: PictureGate;
  readonly #meter: SessionUsageMeter;
  readonly #seen = new BoundedMap<string, true>(MAX_EVENT_IDS);
  readonly #ended = Promise.withResolvers<void>();
  #state: 'connecting' | 'connected' | 'configuring' | 'ready' | 'ended' = 'connecting';
  #finishing = false;
  #saidFinish = false;
  #saidSomething = false;
  #wireGone = false;
  #cancelDeadline: () => void;
  #cancelTerminate = (): void => {};
  /** An error that left the session alive: if the connection ends after it, this is why. */
  #survived: { error: TranslationError; atMs: number } | undefined;
  #sentFrames = 0;
  #droppedPictures = 0;
  #malformedFrames = 0;
  #repeatedFrames = 0;
  #unknownFrames = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    const { model, settings, events, dial, clock } = options;
    this.#pictures = new PictureGate(model.limits);
    this.#meter = new SessionUsageMeter(model.rates);
    this.#reader = new ServerFrameReader({
      events,
      transcriptOnly: settings.transcriptOnly,
      speaks: settings.speaks,
      meter: this.#meter,
      failed: (said) => this.#pieceFailed(said),
      nowMs: () => clock.now(),
      givenMs: (serviceMs) => this.#outbox.givenMs(serviceMs),
    });
    this.#cancelDeadline = this.#giveUpAfter(CONNECT_WITHIN_MS, 'did not answer within 10 s');
    this.#wire = dial({
      opened: () => this.#guarded(() => this.#opened()),
      received: (text) => this.#guarded(() => this.#received(text)),
      receivedGarbage: () => this.#malformedFrames++,
      drained: () => this.#guarded(() => this.#pump()),
      ended: (ending) => this.#guarded(() => this.#wireEnded(ending)),
    });
  }

  get counters(): Counters {
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
    for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) {
      this.#outbox.push(samples.subarray(at, at + CHUNK_SAMPLES));
      this.#pump();
    }
  }

  image(jpeg: Uint8Array): boolean {
    if (this.#state === 'ended' || this.#finishing) return false;
    const admitted = this.#pictures.admit(jpeg, {
      nowMs: this.#options.clock.now(),
      saidSomething: this.#saidSomething,
      backlogBytes: this.#wire.backlogBytes,
    });
    if (typeof admitted === 'string') {
      this.#droppedPictures++;
      this.#options.log.debug({ why: admitted }, 'a picture was dropped');
      return false;
    }
    this.#say('input_image_buffer.append', { image: Buffer.from(jpeg).toString('base64') });
    this.#meter.showed(admitted);
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
        this.#state === 'ready' ? undefined : timedOut('did not accept the session in time', this.#options.peer),
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
    this.#cancelDeadline = this.#giveUpAfter(CONFIGURE_WITHIN_MS, 'did not accept the session within 10 s');
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
    if (this.#seen.has(event_id)) return true;
    this.#seen.set(event_id, true);
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
        this.#end(this.#finishing ? undefined : endedByService(this.#options.peer));
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
    this.#say('session.update', { session: dialects[model.dialect].session(settings) });
  }

  #ready({ session }: ServerFrame): void {
    this.#state = 'ready';
    if (!this.#finishing) this.#cancelDeadline();
    this.#outbox.goLive();
    const { settings, events, peer, log } = this.#options;
    const { agreed, contradictions } = verdictOn(session, settings, peer);
    for (const contradiction of contradictions) log.warn(contradiction);
    this.#guarded(() => events.ready(agreed));
    this.#pump();
  }

  /** Sends what the network has room for; the end of the session comes after the last of the speech. */
  #pump(): void {
    if (this.#state !== 'ready') return;
    while (this.#wire.backlogBytes < MAX_SOCKET_BACKLOG_BYTES) {
      const chunk = this.#outbox.take();
      if (!chunk) {
        if (this.#finishing) this.#sayFinish();
        return;
      }
      this.#say('input_audio_buffer.append', { audio: base64(chunk) });
      this.#saidSomething = true;
      this.#meter.sent(chunk.length);
    }
  }

  #sayFinish(): void {
    if (this.#saidFinish) return;
    this.#saidFinish = true;
    this.#say('session.finish', {});
  }

  #say(type: string, content: object): void {
    this.#wire.send(JSON.stringify({ event_id: `evt-${++this.#sentFrames}`, type, ...content }));
  }

  #failed(frame: ServerFrame): void {
    const said = frame.error ?? frame;
    const failure = errorFromFrame(said, this.#options.peer);
    if (this.#state === 'ready' && leavesSessionAlive(said, failure)) {
      this.#survive(failure);
    } else {
      this.#end(failure);
    }
  }

  /** A failed transcription or response: whatever its class, the next one may be better. */
  #pieceFailed(said: VendorError): void {
    this.#survive(errorFromFrame(said, this.#options.peer));
  }

  #survive(error: TranslationError): void {
    this.#survived = { error, atMs: this.#options.clock.now() };
    this.#options.log.warn({ code: error.code, class: error.class }, error.message);
    if (error.class === 'content') this.#options.events.contentFiltered(error);
  }

  /** Some errors of the service come without a type. */
  #unknown(frame: ServerFrame): void {
    if (typeof frame.code === 'string') {
      this.#failed(frame);
    } else {
      this.#unknownFrames++;
      const type = presentable(frame.type ?? '', this.#options.peer);
      this.#options.log.debug({ type }, 'a frame of an unknown type');
    }
  }

  #wireEnded(ending: Ending): void {
    this.#wireGone = true;
    this.#cancelTerminate();
    if (this.#state === 'ended') return;
    const asked = this.#saidFinish && ending.how === 'closed' && (ending.code === 1000 || ending.code === 1005);
    this.#end(asked ? undefined : this.#causeOf(ending));
  }

  /** A close that explains nothing, soon after an error, is explained by that. */
  #causeOf(ending: Ending): TranslationError {
    const error = errorFromEnding(ending, this.#options.peer);
    const survived = this.#survived;
    const explained = survived && this.#options.clock.now() - survived.atMs <= ERROR_EXPLAINS_CLOSE_WITHIN_MS;
    return error.class === 'transient' && explained ? survived.error : error;
  }

  #giveUpAfter(ms: number, what: string): () => void {
    return this.#options.clock.after(ms, () => this.#end(timedOut(what, this.#options.peer)));
  }

  #end(error?: TranslationError): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancelDeadline();
    this.#hangUp();
    this.#options.log.debug({ ...this.counters, code: error?.code }, 'translation session ended');
    const rest = this.#meter.bill(undefined);
    if (rest) this.#guarded(() => this.#options.events.usage(rest));
    this.#guarded(() => this.#options.events.closed(error));
    this.#ended.resolve();
  }

  /** The service was seen to leave a close unanswered. */
  #hangUp(): void {
    if (this.#wireGone) return;
    this.#cancelTerminate = this.#options.clock.after(CLOSE_WITHIN_MS, () => this.#wire.terminate());
    this.#wire.close();
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
