/**
 * The server's side of one LiveTranslate session, without sockets: messages go in and frames come out as texts.
 *
 * `session.created` is the first frame; a client may send before it has read it. An invalid message is answered by an `error` frame and
 * changes nothing else. Languages, voice and modalities are fixed from the first audio on. `session.finished` is sent after the last
 * response, at most 60 s after `session.finish`, and is the last frame.
 */

import type { Rates } from '../../config/models.ts';
import { jpegSize } from '../../images/jpeg-size.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Clock } from '../../time/clock.ts';
import type { Backend, BackendConfiguration, BackendOutput, BackendSession, ErrorDetails } from './backend.ts';
import { InvalidMessage, notAnObject, parseClientMessage } from './client-messages.ts';
import type { ServerDialect, ServerSettings } from './dialect.ts';
import { offlineDialect } from './dialects.ts';
import {
  audioBacklog,
  cleared,
  committed,
  errorFrame,
  type OutgoingFrame,
  sessionFinished,
  sessionFrame,
  speechStarted,
  speechStopped,
  spokenItem,
} from './server-frames.ts';
import { TokenMeter } from './token-meter.ts';
import { UtteranceWriter } from './utterance-writer.ts';

/** Enough for an engine on a busy machine to process the audio that may wait. Clients have limits of their own. */
const FINISH_WITHIN_MS = 60_000;
/** The client should close after `session.finished`; after this time the server does. */
const CLOSE_AFTER_MS = 10_000;

/** A shorter backlog is not reported: less is under way whenever somebody speaks. */
const MIN_BACKLOG_MS = 1000;
const BACKLOG_INTERVAL_MS = 500;

const NOT_MANUAL = 'The session cuts speech by itself: set turn_detection to null first.';

export interface WireSessionOptions {
  /** The model that the client named in the query. */
  model: string;
  /** Default: that of the offline engine. */
  dialect?: ServerDialect;
  /** Default: those of LT3. */
  rates?: Rates;
  backend: Backend;
  send(frame: string): void;
  /** Ends the connection. */
  close(code: number, reason: string): void;
  clock: Clock;
  /** A new id: `item` → `item_…`. */
  id(kind: string): string;
  log: Pick<Logger, 'debug' | 'warn' | 'error'>;
}

export class WireSession {
  readonly #options: WireSessionOptions;
  readonly #id: string;
  readonly #conversation: string;
  readonly #dialect: ServerDialect;
  readonly #meter: TokenMeter;
  #settings: ServerSettings;
  /** The item of the speech that was announced and has no transcript yet. */
  #announcedItem: string | undefined;
  #backendSession: BackendSession | undefined;
  #state: 'open' | 'finishing' | 'finished' | 'closed' = 'open';
  /** Whether the client was told that the backend is behind: once, not for every chunk. */
  #reportedBacklog = false;
  /** The backlog in the latest frame that reported one, and when that was sent. */
  #backlog = { waitingMs: 0, sentMs: Number.NEGATIVE_INFINITY };
  #cancelDeadline = (): void => {};

  constructor(options: WireSessionOptions) {
    this.#options = options;
    this.#id = options.id('sess');
    this.#conversation = options.id('conv');
    this.#dialect = options.dialect ?? offlineDialect;
    this.#meter = new TokenMeter(options.rates);
    this.#settings = this.#dialect.defaults;
    this.#sendSettings('session.created');
  }

  receive(text: string): void {
    if (this.#state === 'closed') return;
    try {
      this.#handle(text);
    } catch (error) {
      this.#sendFailure(error);
    }
  }

  receiveBinary(): void {
    this.#sendFailure(notAnObject());
  }

  /** The connection has ended, or is about to. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelDeadline();
    this.#backendSession?.close();
  }

  #handle(text: string): void {
    const message = parseClientMessage(text, this.#dialect);
    if (this.#state !== 'open') {
      throw new InvalidMessage('The session is finishing: open a new connection to say more.', { param: 'type' });
    }
    switch (message.type) {
      case 'session.update':
        this.#configure(message.settings);
        break;
      case 'input_audio_buffer.append':
        this.#pushAudio(message.samples);
        break;
      case 'input_image_buffer.append':
        this.#pushImage(message.jpeg);
        break;
      case 'input_audio_buffer.commit':
        this.#commit();
        break;
      case 'input_audio_buffer.clear':
        this.#clear();
        break;
      case 'session.finish':
        this.#finish();
        break;
    }
  }

  #configure(wanted: ServerSettings): void {
    if (this.#backendSession) {
      throw new InvalidMessage('The session has already started: open a new connection for other settings.', {
        param: 'session',
      });
    }
    this.#settings = { ...wanted, ...this.#negotiate(wanted) };
    this.#sendSettings('session.updated');
  }

  #sendSettings(type: 'session.created' | 'session.updated'): void {
    const settings = this.#dialect.session(this.#settings);
    this.#send(sessionFrame(type, { id: this.#id, model: this.#options.model, settings }));
  }

  #negotiate(wanted: BackendConfiguration): BackendConfiguration {
    const answer = this.#options.backend.negotiate(wanted);
    if (!('refused' in answer)) return answer;
    if (answer.fatal) {
      this.close();
      this.#options.close(answer.fatal.code, answer.fatal.reason);
    }
    throw new InvalidMessage(answer.refused, { param: answer.param });
  }

  #pushAudio(samples: Int16Array): void {
    this.#backendSession ??= this.#options.backend.open(this.#negotiate(this.#settings), this.#output);
    if (this.#backendSession.pushAudio(samples)) {
      this.#meter.audioReceived(samples.length);
      this.#reportedBacklog = false;
      this.#sendBacklog();
    } else if (!this.#reportedBacklog) {
      this.#reportedBacklog = true;
      throw new InvalidMessage(
        'Audio comes faster than it can be heard, and some is lost: send it at the pace of speech.',
        {
          code: 'audio_backlog_full',
          param: 'audio',
        },
      );
    }
  }

  /** Reports a backlog while there is one, at most twice a second, and its end. */
  #sendBacklog(): void {
    const waitingMs = Math.round(this.#backendSession?.waitingMs ?? 0);
    const nowMs = this.#options.clock.now();
    const isBehind = waitingMs >= MIN_BACKLOG_MS || (waitingMs > 0 && this.#backlog.waitingMs > 0);
    if (isBehind ? nowMs - this.#backlog.sentMs < BACKLOG_INTERVAL_MS : this.#backlog.waitingMs === 0) return;
    this.#backlog = { waitingMs: isBehind ? waitingMs : 0, sentMs: nowMs };
    this.#send(audioBacklog(this.#backlog.waitingMs, isBehind ? (this.#backendSession?.speakersAhead ?? 0) : 0));
  }

  #pushImage(jpeg: Uint8Array): void {
    if (!this.#backendSession) {
      throw new InvalidMessage('Send audio first: an image belongs to what is being said.', { param: 'image' });
    }
    this.#backendSession.pushImage?.(jpeg);
    const size = jpegSize(jpeg);
    if (size) this.#meter.imageReceived(size);
  }

  #commit(): void {
    if (!this.#settings.manual) throw new InvalidMessage(NOT_MANUAL, { param: 'type' });
    if (!this.#backendSession?.commit?.()) {
      throw new InvalidMessage('The buffer is empty: send audio before you commit it.', {
        code: 'input_audio_buffer_commit_empty',
      });
    }
    this.#send(committed);
  }

  #clear(): void {
    if (!this.#settings.manual) throw new InvalidMessage(NOT_MANUAL, { param: 'type' });
    this.#backendSession?.clear?.();
    this.#send(cleared);
  }

  #finish(): void {
    this.#state = 'finishing';
    this.#cancelDeadline = this.#options.clock.after(FINISH_WITHIN_MS, () => {
      this.#options.log.warn({}, 'engine session finished before all speech was answered');
      this.#finished();
    });
    if (!this.#backendSession) this.#finished();
    this.#backendSession?.finish((error) => {
      if (error !== undefined && this.#state === 'finishing') this.#sendFailure(error);
      this.#finished();
    });
  }

  #finished(): void {
    if (this.#state !== 'finishing') return;
    this.#send(sessionFinished);
    this.#state = 'finished';
    this.#backendSession?.close();
    this.#cancelDeadline();
    this.#cancelDeadline = this.#options.clock.after(CLOSE_AFTER_MS, () => this.#options.close(1000, 'finished'));
  }

  #sendFailure(error: unknown): void {
    if (error instanceof InvalidMessage) {
      const { code, message, param } = error;
      this.#sendError({ type: 'invalid_request_error', code, message, ...(param && { param }) });
    } else {
      this.#options.log.error({ err: error }, 'engine session failed');
      this.#sendError({ type: 'server_error', code: 'internal_error', message: 'The engine failed at this.' });
    }
  }

  readonly #output: BackendOutput = {
    speechStarted: (atMs) => {
      if (!this.#marksSpeech) return;
      this.#announcedItem = this.#options.id('item');
      const names = { item_id: this.#announcedItem, speaker_id: 'speaker_0' };
      this.#send(this.#dialect.marksSpeech === 'withIds' ? speechStarted(atMs, names) : speechStarted(atMs));
    },
    speechStopped: (atMs) => {
      if (this.#marksSpeech) this.#send(speechStopped(atMs));
    },
    utterance: () => this.#utterance(),
    progressed: () => this.#sendBacklog(),
    error: (error) => this.#sendError(error),
  };

  get #marksSpeech(): boolean {
    return this.#dialect.marksSpeech !== false && !this.#settings.manual;
  }

  #utterance(): UtteranceWriter {
    const item = this.#announcedItem ?? this.#options.id('item');
    this.#announcedItem = undefined;
    if (this.#settings.manual) this.#send(spokenItem(item));
    return new UtteranceWriter({
      settings: this.#settings,
      dialect: this.#dialect,
      item,
      conversation: this.#conversation,
      id: this.#options.id,
      meter: this.#meter,
      send: (frame) => this.#send(frame),
    });
  }

  #sendError(error: ErrorDetails): void {
    this.#send(errorFrame(error));
  }

  #send(frame: OutgoingFrame): void {
    if (this.#state === 'finished' || this.#state === 'closed') return;
    this.#options.send(JSON.stringify({ event_id: this.#options.id('event'), ...frame }));
  }
}
