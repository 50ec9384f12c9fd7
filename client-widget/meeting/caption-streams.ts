/**
 * The captions of a meeting over HTTP, for a page whose media do not get through: one event stream for each language that is read. Streams
 * that are lost are opened again by themselves.
 */
import type { HeardLanguage, ReadLanguages, RoomMessage } from '@mediasoup-booth/protocol';
import type { LiveSource } from '../sources/caption-source.ts';
import { eventStreamSource } from '../sources/event-stream-source.ts';

interface CaptionStreamOptions {
  /** Origin of the server. */
  server: string;
  room: string;
  /** The token by which the page is in the room; it may change. */
  token(): string;
  onMessage(message: RoomMessage): void;
  /** The captions of one language; default: from the server. */
  source?(language: HeardLanguage): LiveSource;
}

export class CaptionStreams {
  readonly #options: CaptionStreamOptions;
  readonly #source: (language: HeardLanguage) => LiveSource;
  /** What ends each open stream, by its language. */
  readonly #open = new Map<HeardLanguage, () => void>();

  constructor(options: CaptionStreamOptions) {
    this.#options = options;
    const { server, room, token } = options;
    this.#source =
      options.source ?? ((language) => eventStreamSource({ server, room, language, token, renewable: true }));
  }

  /** Opens the streams of these languages, and ends all others. */
  reconcile(reads: ReadLanguages): void {
    const wanted = new Set<HeardLanguage>(reads);
    for (const [language, end] of this.#open) {
      if (wanted.has(language)) continue;
      end();
      this.#open.delete(language);
    }
    for (const language of wanted) if (!this.#open.has(language)) this.#open.set(language, this.#stream(language));
  }

  #stream(language: HeardLanguage): () => void {
    return this.#source(language).open({
      message: (message) => this.#options.onMessage(message),
      connection: () => undefined,
    });
  }
}
