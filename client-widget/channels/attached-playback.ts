/**
 * The sounds of a meeting that the embedding page has joined by itself: channel tracks, the elements that play the originals, and message
 * channels. The page describes all of it at once, and again whenever it changes.
 */
import type { HeardLanguage, LanguageCode, RoomMessage, StatusMessage } from '@mediasoup-booth/protocol';
import type { ErrorReason } from '../media/error-reason.ts';
import type { AudioSceneState, Sound } from '../media/playback.ts';
import type { ConnectionState } from '../media/room-state.ts';
import { attachedSource, type MessageChannelLike } from '../sources/attached-source.ts';
import type { LiveSource } from '../sources/caption-source.ts';
import { Store } from '../state/store.ts';
import type { PlaybackSource } from './playback-source.ts';

export interface Original {
  /** The speaker's id in room messages. */
  speaker: string;
  language?: LanguageCode | null;
  /** The element in which the page plays this speaker. */
  element: HTMLMediaElement;
  /** The receivers of their audio and video, which `delay` delays. */
  receivers?: readonly RTCRtpReceiver[];
}

export interface AttachedMeeting {
  /** The listener's own id in room messages; the translation of their own words is muted. */
  me?: string;
  /** The channels by language: at least the selected one, as soon as the page has it. Several tracks: one for each speaker. */
  channels: Readonly<Record<LanguageCode, MediaStreamTrack | readonly MediaStreamTrack[]>>;
  /** The languages to choose from; default: those of `channels`. */
  languages?: readonly LanguageCode[];
  /** The offline engine translates, roughly: listeners are told. */
  isRough?: boolean;
  /** The speakers to duck while their translation plays. Leave shared computer audio out. */
  originals?: readonly Original[];
  /** Channels of room messages, as `<booth-captions>` takes them. */
  messages?: readonly (MessageChannelLike | LiveSource)[];
  /** Something that the person should know, as that a language was refused; undefined: nothing any more. */
  notice?: ErrorReason | undefined;
}

interface State extends AudioSceneState {
  connection: ConnectionState;
  statuses: ReadonlyMap<string, StatusMessage>;
}

export class AttachedPlaybackSource implements PlaybackSource {
  readonly tracks = new Store<readonly Sound[]>([]);
  readonly state = new Store<State>({
    connection: { is: 'joined', mediaLost: false },
    you: undefined,
    others: new Map(),
    statuses: new Map(),
  });
  readonly preferences: { hears: HeardLanguage };
  readonly #listeners = new Set<(message: RoomMessage) => void>();
  readonly #messages = new Map<MessageChannelLike | LiveSource, () => void>();
  #meeting: AttachedMeeting = { channels: {} };

  constructor(hears: HeardLanguage) {
    this.preferences = { hears };
  }

  get languages(): readonly LanguageCode[] {
    return this.#meeting.languages ?? Object.keys(this.#meeting.channels);
  }

  get isRough(): boolean {
    return this.#meeting.isRough === true;
  }

  get notice(): ErrorReason | undefined {
    return this.#meeting.notice;
  }

  reconcile(meeting: AttachedMeeting): void {
    this.#meeting = meeting;
    const { me, originals = [], messages = [] } = meeting;
    const others = new Map(originals.map(({ speaker, language = null }) => [speaker, { speaks: language }]));
    this.state.set({ ...this.state.value, you: me === undefined ? undefined : { id: me }, others });
    for (const [channel, end] of this.#messages) {
      if (messages.includes(channel)) continue;
      end();
      this.#messages.delete(channel);
    }
    for (const channel of messages)
      if (!this.#messages.has(channel)) this.#messages.set(channel, this.#subscribe(channel));
    this.#updateTracks();
  }

  update({ hears }: { hears: HeardLanguage }): void {
    this.preferences.hears = hears;
    this.#updateTracks();
  }

  onMessage(listener: (message: RoomMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  leave(): void {
    this.reconcile({ channels: {} });
  }

  #subscribe(channel: MessageChannelLike | LiveSource): () => void {
    return attachedSource(channel).open({
      connection: () => undefined,
      message: (message) => this.#notify(message),
    });
  }

  #notify(message: RoomMessage): void {
    if (message.type === 'status') {
      const { language, speaker } = message;
      const statuses = new Map(this.state.value.statuses).set(`${language} ${speaker.id}`, message);
      this.state.set({ ...this.state.value, statuses });
    }
    for (const listener of [...this.#listeners]) listener(message);
  }

  #updateTracks(): void {
    const { channels, originals = [] } = this.#meeting;
    const tracks = [channels[this.preferences.hears] ?? []].flat();
    this.tracks.set([
      ...originals.map((original) => soundOf(original, this.#idOf(original.element))),
      ...tracks.map(
        (track) => ({ producerId: track.id, participantId: '', kind: 'audio', source: 'channel', track }) as const,
      ),
    ]);
  }

  /** Ids of elements. */
  readonly #ids = new WeakMap<HTMLMediaElement, string>();
  #idCount = 0;

  #idOf(element: HTMLMediaElement): string {
    const id = this.#ids.get(element) ?? `original ${++this.#idCount}`;
    this.#ids.set(element, id);
    return id;
  }
}

function soundOf({ speaker, element, receivers = [] }: Original, producerId: string): Sound {
  const stream = element.srcObject;
  const track = stream instanceof MediaStream ? stream.getAudioTracks()[0] : undefined;
  return {
    ...{ producerId, participantId: speaker, kind: 'audio', source: 'microphone', element, receivers },
    ...(track && { track }),
  };
}
