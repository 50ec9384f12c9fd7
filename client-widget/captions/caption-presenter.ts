/** Somebody reading: what came from the source that is open, as it is to be shown, said and noticed. Knows no page. */
import type { LanguageCode, ReadLanguages } from '../../protocol/languages.ts';
import type { CaptionMessage, RoomMessage } from '../../protocol/room-messages.ts';
import type { Connection, LiveSource } from '../sources/caption-source.ts';
import { Doings, type Notice, noticeOf } from './notices.ts';
import { Screen, type ScreenOptions, type Utterance } from './caption-screen.ts';

export interface ReadingOptions {
  nowMs(): number;
  reads(): ReadLanguages;
  /** A caption that was new; `past`: it was said before anyone looked. */
  captioned(caption: CaptionMessage, past: boolean): void;
  connected(connection: Connection): void;
  /** There is something else to show. */
  changed(): void;
}

export interface Shown {
  utterances: readonly Utterance[];
  notices: readonly Notice[];
  /** When it changes by itself; infinite: not before something comes. */
  nextMs: number;
}

export class Reading {
  readonly #options: ReadingOptions;
  #screen = new Screen();
  #doings = new Doings();
  #close: (() => void) | undefined;
  connection: Connection = { is: 'connecting' };
  /** The language of what came last. */
  carried: LanguageCode | undefined;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /** Instead of what was open before; what has come from that stays. */
  open(source: LiveSource | undefined): void {
    this.close();
    if (!source) return;
    let open = true;
    const close = source.open({
      message: (message, past) => open && this.#add(message, past),
      connection: (connection) => open && this.#connected(connection),
    });
    this.#close = () => {
      open = false;
      close();
    };
  }

  close(): void {
    this.#close?.();
    this.#close = undefined;
  }

  /** Another room or another language begins with nothing. */
  forget(): void {
    this.#screen = new Screen();
    this.#doings = new Doings();
  }

  now(options: Omit<ScreenOptions, 'reads'>): Shown {
    const nowMs = this.#options.nowMs();
    const view = this.#screen.show(nowMs, { ...options, reads: this.#options.reads() });
    const { notices, nextMs } = this.#doings.at(nowMs);
    const broken = noticeOf(this.connection);
    return {
      utterances: view.utterances,
      notices: broken ? [broken] : notices,
      nextMs: Math.min(view.nextMs ?? Number.POSITIVE_INFINITY, nextMs ?? Number.POSITIVE_INFINITY),
    };
  }

  #add(message: RoomMessage, past: boolean): void {
    const nowMs = this.#options.nowMs();
    this.carried = message.language;
    if (message.type === 'status') this.#doings.status(message, nowMs);
    else if (message.type === 'playout') this.#doings.playout(message, nowMs);
    else if (!this.#caption(message, past, nowMs)) return;
    this.#options.changed();
  }

  /** @returns whether it was new */
  #caption(caption: CaptionMessage, past: boolean, nowMs: number): boolean {
    if (!this.#screen.add(caption, nowMs, past)) return false;
    this.#doings.captioned(caption.speaker, nowMs);
    this.#options.captioned(caption, past);
    return true;
  }

  #connected(connection: Connection): void {
    this.connection = connection;
    this.#options.connected(connection);
    this.#options.changed();
  }
}
