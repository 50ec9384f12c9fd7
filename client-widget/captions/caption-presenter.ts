/**
 * Turns the messages of the open source into what the element shows: utterances, notices and announcements. No DOM; the clock is passed
 * in.
 */
import type { CaptionMessage, LanguageCode, ReadLanguages, RoomMessage } from '@mediasoup-booth/protocol';
import type { ErrorReason } from '../media/error-reason.ts';
import type { LiveSource, WidgetConnection } from '../sources/caption-source.ts';
import { CaptionScreen, type DisplayedUtterance, type ScreenOptions } from './caption-screen.ts';
import { connectionNotice, type Notice, SpeakerNotices } from './notices.ts';

interface PresenterOptions {
  nowMs(): number;
  readLanguages(): ReadLanguages;
  /** Called for each caption that is new; `past`: it was said before the viewer subscribed. */
  captioned(caption: CaptionMessage, past: boolean): void;
  connected(connection: WidgetConnection): void;
  /** Called when there is something new to render. */
  changed(): void;
}

interface PresentedCaptions {
  utterances: readonly DisplayedUtterance[];
  notices: readonly Notice[];
  /** When the view changes by itself; infinite: not before the next message. */
  nextMs: number;
}

export class CaptionPresenter {
  readonly #options: PresenterOptions;
  #screen = new CaptionScreen();
  #notices = new SpeakerNotices();
  #close: (() => void) | undefined;
  #notice: Notice | undefined;
  connection: WidgetConnection = { is: 'connecting' };
  /** The language of the last message. */
  lastLanguage: LanguageCode | undefined;

  constructor(options: PresenterOptions) {
    this.#options = options;
  }

  /** Replaces the open source; captions that it has delivered stay. */
  open(source: LiveSource | undefined): void {
    this.close();
    if (!source) return;
    let open = true;
    const close = source.open({
      message: (message, past) => open && this.#add(message, past),
      connection: (connection) => open && this.#connected(connection),
      notice: (reason) => open && this.#noticed(reason),
    });
    this.#close = () => {
      open = false;
      close();
    };
  }

  close(): void {
    this.#close?.();
    this.#close = this.#notice = undefined;
  }

  /** Removes all captions and notices, for another room or language. */
  clear(): void {
    this.#screen = new CaptionScreen();
    this.#notices = new SpeakerNotices();
  }

  now(options: Omit<ScreenOptions, 'reads'>): PresentedCaptions {
    const nowMs = this.#options.nowMs();
    const view = this.#screen.show(nowMs, { ...options, reads: this.#options.readLanguages() });
    const { notices, nextMs } = this.#notices.at(nowMs);
    const broken = connectionNotice(this.connection) ?? this.#notice;
    return {
      utterances: view.utterances,
      notices: broken ? [broken] : notices,
      nextMs: Math.min(view.nextMs ?? Number.POSITIVE_INFINITY, nextMs ?? Number.POSITIVE_INFINITY),
    };
  }

  #add(message: RoomMessage, past: boolean): void {
    const nowMs = this.#options.nowMs();
    this.lastLanguage = message.language;
    if (message.type === 'status') this.#notices.status(message, nowMs);
    else if (message.type === 'playout') this.#notices.playout(message, nowMs);
    else if (!this.#caption(message, past, nowMs)) return;
    this.#options.changed();
  }

  /** @returns whether it was new */
  #caption(caption: CaptionMessage, past: boolean, nowMs: number): boolean {
    if (!this.#screen.add(caption, nowMs, past)) return false;
    this.#notices.captioned(caption.speaker, nowMs);
    this.#options.captioned(caption, past);
    return true;
  }

  #noticed(reason: ErrorReason | undefined): void {
    this.#notice = reason && { kind: 'trouble', ...reason };
    this.#options.changed();
  }

  #connected(connection: WidgetConnection): void {
    this.connection = connection;
    this.#options.connected(connection);
    this.#options.changed();
  }
}
