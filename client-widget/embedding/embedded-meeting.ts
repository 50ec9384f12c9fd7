/**
 * A meeting of somebody else's application, as the elements need it: one choice of languages for all of them, and what its mediasoup-client
 * receives from an interpreter. Elements may come and go; what they need is handed to them whenever they are there.
 */
import type {
  HeardLanguage,
  LanguageCode,
  PlayoutMessage,
  RoomMessage,
  StatusMessage,
} from '@mediasoup-booth/protocol';
import { BoundedMap } from '../../collections/bounded-map.ts';
import { type Clock, systemClock } from '../../time/clock.ts';
import type { AttachedMeeting, Original } from '../channels/attached-playback.ts';
import type { ErrorReason } from '../media/error-reason.ts';
import { roomMessage } from '../media/room-message.ts';
import { isMessageChannel, listenTo, type MessageChannelLike, textOf } from '../sources/attached-source.ts';
import type { LiveSource } from '../sources/caption-source.ts';
import { BoundElements, type BoundName } from './bound-elements.ts';
import { DeveloperWarnings } from './developer-warnings.ts';
import { type ChosenLanguages, LanguageSelection, type WantedLanguages } from './language-selection.ts';
import { MessageHub } from './message-hub.ts';
import { MissingParts } from './missing-parts.ts';
import { type LanguagesOption, type OfferedLanguages, offeredLanguages } from './offered-languages.ts';
import { type ElementGetter, Originals } from './originals.ts';
import { type CloseObserver, type ConsumerLike, type PublishedRole, publishedRole } from './published-role.ts';
import { RememberedChoice } from './remembered-choice.ts';

/** How long a page may take to render its elements, and captions to come after voices, before a developer is told. */
const ELEMENT_MS = 10_000;
const CAPTIONS_MS = 10_000;
/** How long a person sees why a choice was refused. */
const NOTICE_MS = 15_000;
/** The key in `localStorage` under which a remembered choice is kept. */
const REMEMBERED = 'booth.languages';
/** Speakers whose language is known; beyond it the first one is forgotten. */
const MOST_SPEAKERS = 256;

export interface EmbeddedMeetingOptions {
  me: string;
  languages: LanguagesOption;
  choose(languages: ChosenLanguages): unknown;
  hears?: HeardLanguage;
  reads?: readonly HeardLanguage[];
  captions?: HTMLElement | null;
  channels?: HTMLElement | null;
  recent?: readonly unknown[];
  remember?: boolean | string;
}

/** What a page chooses for its person. */
type LanguageChoice = Pick<EmbeddedMeetingOptions, 'hears' | 'reads'>;

/** The part of `<booth-captions>` that is needed here. */
interface CaptionsElement extends HTMLElement {
  language: HeardLanguage | undefined;
  languages: readonly LanguageCode[] | undefined;
  both: boolean;
  attach(source: LiveSource): void;
  detach(source?: LiveSource): void;
  reconnect(): void;
}

/** The part of `<booth-channels>` that is needed here. */
interface ChannelsElement extends HTMLElement {
  language: HeardLanguage;
  attach(meeting: AttachedMeeting): void;
  detach(): void;
}

interface Channel {
  language: LanguageCode;
  speaker: string | undefined;
  track: MediaStreamTrack;
}

/** An element's language before it was bound, and what ends the binding. */
interface Binding {
  by: EmbeddedMeeting;
  end(): void;
}

/** The meeting that has an element: of several in a page it is the last one. */
const bindings = new WeakMap<HTMLElement, Binding>();
let meetings = 0;

export class EmbeddedMeeting {
  /** A later one of the page has a higher one. */
  readonly #number = ++meetings;
  readonly #me: string;
  /** The page has said what is chosen at the beginning. */
  readonly #isTold: boolean;
  readonly #clock: Clock;
  readonly #warnings = new DeveloperWarnings();
  readonly #closing = new AbortController();
  readonly #hub = new MessageHub();
  readonly #originals = new Originals();
  /** The languages of speakers by what was heard of them. */
  readonly #spoken = new BoundedMap<string, LanguageCode>(MOST_SPEAKERS);
  readonly #selection: LanguageSelection;
  readonly #elements: BoundElements;
  readonly #readerSource: LiveSource;
  /** The voices by their consumers, oldest first. */
  readonly #channels = new Map<object, Channel>();
  /** What ends the listening to a data consumer. */
  readonly #messages = new Map<object, () => void>();
  readonly #timers = new Set<() => void>();
  #offered: OfferedLanguages | undefined;
  #notice: ErrorReason | undefined;
  #cancelNotice: (() => void) | undefined;
  #hasMessages = false;
  readonly #missing = new MissingParts({
    warnings: this.#warnings,
    hears: () => this.#selection.wanted.hears,
    voicesIn: (language) =>
      [...this.#channels.values()].filter((channel) => channel.language === language).map(({ track }) => track),
    after: (ms, run) => this.#after(ms, run),
  });
  /** What `<booth-channels>` was told last of the originals, to recognise what is rendered anew. */
  #described: readonly Original[] = [];
  #isDescribing = false;

  /** @param defineVoices defines `<booth-channels>` */
  constructor(options: EmbeddedMeetingOptions, defineVoices: () => Promise<unknown>, clock: Clock = systemClock) {
    const { me, languages, choose, captions, channels, recent = [], remember } = validated(options);
    const remembered = remember ? new RememberedChoice(remember === true ? REMEMBERED : remember) : undefined;
    this.#isTold = options.hears !== undefined || options.reads !== undefined;
    const { hears, reads } = this.#isTold ? options : (remembered?.load() ?? {});
    this.#me = me;
    this.#clock = clock;
    this.#selection = new LanguageSelection({
      wanted: wantedLanguages({ hears, reads }),
      choose: (wanted) => this.#missing.asked(choose(wanted)),
      changed: (wanted) => this.#apply(wanted),
      agreed: (answer) => {
        remembered?.save(this.chosen);
        if (Array.isArray(answer)) this.recent(answer);
      },
      refused: (reason) => this.#refused(reason),
    });
    this.#readerSource = this.#hub.forReaders(() => this.#selection.wanted.reads);
    this.#hub.addPast(this.#valid(recent));
    this.#elements = new BoundElements({
      ...{ root: document, given: { 'booth-captions': captions, 'booth-channels': channels }, clock },
      define: (name) => this.#define(name, defineVoices),
      bind: (element, name) => this.#bind(element, name),
      release: (element) => this.#release(element),
      rendered: () => this.#rendered(),
    });
    void this.#loadLanguages(languages);
    this.#after(ELEMENT_MS, () => this.#warnOfNoElement());
  }

  /** What is chosen now. */
  get chosen(): ChosenLanguages {
    const { hears, reads } = this.#selection.wanted;
    return { hears, reads: reads === null ? [] : [reads] };
  }

  /** Chooses for the person, as by a control of the page's own. */
  select(languages: LanguageChoice): void {
    this.#selection.select(wantedLanguages(languages));
  }

  add(received: ConsumerLike | MessageChannelLike, whose?: string | PublishedRole): boolean {
    if (this.#isClosed) return false;
    if (!isConsumer(received) && !isMessageChannel(received))
      throw new TypeError(`add() takes a Consumer or a DataConsumer of mediasoup-client, and not ${nameOf(received)}.`);
    const published = publishedRole(received, typeof whose === 'string' ? undefined : whose);
    if (published.is === 'unmarked') {
      this.#missing.unmarked(published.message);
      if (typeof whose === 'string' && isConsumer(received)) this.original(whose, received);
      return false;
    }
    if (published.is === 'unknown') {
      this.#warnings.warn(published.code, published.message);
      return false;
    }
    if (published.is === 'captions') this.#addMessages(received as MessageChannelLike);
    else this.#addChannel(received as ConsumerLike, published);
    const { observer } = received as { observer?: CloseObserver };
    observer?.once('close', () => this.remove(received));
    return true;
  }

  original(
    speaker: string,
    consumer: ConsumerLike,
    element?: ElementGetter,
    { language }: { language?: LanguageCode } = {},
  ): void {
    if (this.#isClosed) return;
    if (typeof speaker !== 'string' || !isConsumer(consumer) || (element && typeof element !== 'function'))
      throw new TypeError(
        'original() takes the id of a person, their consumer, and where it is needed a function that returns its element.',
      );
    if (consumer.closed) this.#warnings.warn('closedConsumer', `the consumer of ${speaker} is closed already.`);
    else if (publishedRole(consumer).is === 'channel')
      this.#warnings.warn('wrongKind', 'a voice of the interpreter was given to original(): add() it.');
    else {
      this.#originals.add({ speaker, consumer, element, speaks: language });
      consumer.observer?.once('close', () => this.remove(consumer));
      this.#describe();
    }
  }

  message(message: unknown): void {
    if (!this.#isClosed) this.#receive(message);
  }

  recent(messages: readonly unknown[]): void {
    if (this.#isClosed) return;
    this.#hub.addPast(this.#valid(messages));
    for (const element of this.#bound('booth-captions')) (element as CaptionsElement).reconnect();
  }

  remove(removed: object | string): void {
    if (typeof removed === 'string') this.#originals.removeSpeaker(removed);
    else {
      this.#messages.get(removed)?.();
      this.#messages.delete(removed);
      this.#channels.delete(removed);
      this.#originals.remove(removed as ConsumerLike);
    }
    this.#describe();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#selection.close();
    this.#end();
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #end(): void {
    this.#closing.abort();
    this.#selection.abandon();
    this.#elements.close();
    for (const end of this.#messages.values()) end();
    for (const cancel of this.#timers) cancel();
    this.#messages.clear();
    this.#channels.clear();
  }

  /**
   * Takes the place of the page's meeting of before, as after a lost connection: what was chosen there is chosen here, also what was not answered
   * there any more.
   */
  #replace(earlier: EmbeddedMeeting): void {
    if (!this.#isTold) this.#selection.select(earlier.#selection.wanted);
    earlier.#end();
  }

  #addChannel(consumer: ConsumerLike, { language, speaker }: Omit<Channel, 'track'>): void {
    const { track, rtpReceiver } = consumer;
    if (rtpReceiver && 'transform' in rtpReceiver && rtpReceiver.transform)
      this.#warnings.warn(
        'encodedTransform',
        'the channel has a transform of encoded frames, as for end-to-end encryption. An interpreter hears and says nothing in an ' +
          'encrypted meeting: exempt its channels, and what it shall hear.',
      );
    this.#channels.set(consumer, { language, speaker, track });
    this.#describe();
    this.#after(CAPTIONS_MS, () => {
      if (this.#channels.has(consumer) && !this.#hasMessages && this.#messages.size === 0)
        this.#warnings.warn(
          'noCaptions',
          'a voice has come, and neither a data consumer nor a message: no caption is shown and no original is lowered. Hand the captions that ' +
            "come to your server's send() to message(); or, for data channels, create the transport that receives with enableSctp: true, pass " +
            'its sctpParameters to createRecvTransport() in the page, and add() the data consumers.',
        );
    });
  }

  #addMessages(channel: MessageChannelLike): void {
    this.#messages.get(channel)?.();
    this.#messages.set(
      channel,
      listenTo(channel, (what) => this.#receive(what)),
    );
  }

  #receive(what: unknown): void {
    const [message] = this.#valid([what]);
    if (!message) return;
    this.#hasMessages = true;
    const { type, language, speaker } = message;
    if (type === 'caption' && message.kind === 'original' && this.#spoken.get(speaker.id) !== language) {
      this.#spoken.set(speaker.id, language);
      this.#describe();
    }
    if (type === 'playout') this.#announced(message);
    if (type === 'status' && this.#isReadyToSpeak(message)) this.#missing.ready(language);
    if (!isAboutOwnSpeech(message, this.#me)) this.#hub.add(message);
  }

  /** Whether somebody is interpreted, with a voice, into the language that is heard. */
  #isReadyToSpeak({ state, reason, language, speaker }: StatusMessage): boolean {
    const isHeard = language === this.#selection.wanted.hears && speaker.id !== this.#me;
    const hasVoice = this.#offered?.audible.includes(language) === true && reason !== 'captionsOnly';
    return isHeard && hasVoice && (state === 'listening' || state === 'translating');
  }

  /** A translation begins or ends: what lacks for it is said to the developer. */
  #announced({ state, language, speaker }: PlayoutMessage): void {
    if (state !== 'started' || language !== this.#selection.wanted.hears) return;
    this.#rendered();
    if (this.#originals.lacksElement(speaker.id))
      this.#warnings.warn(
        'noOriginalElement',
        `the translation of ${speaker.name} sounds, and its original is not lowered: no element of the document plays it. Where it is in a shadow root, or plays another track, hand over what returns it: original(peerId, consumer, () => element).`,
      );
    this.#missing.announced(language);
  }

  #valid(messages: readonly unknown[]): RoomMessage[] {
    return messages.flatMap((what) => {
      const message = roomMessage(textOf(what));
      if (!message)
        this.#warnings.warn(
          'badMessage',
          "something came that is no message of an interpreter, and is dropped. Hand over the interpreter's messages alone, decrypted, " +
            'as objects or as JSON.',
        );
      return message ?? [];
    });
  }

  async #loadLanguages(option: LanguagesOption): Promise<void> {
    const failed = (error: unknown) =>
      this.#warnings.warn('languagesMissing', `the languages to choose from did not come: ${textOfError(error)}.`);
    try {
      this.#offered = await offeredLanguages(option, this.#clock, this.#closing.signal, failed);
    } catch (error) {
      failed(error);
      return;
    }
    if (this.#isClosed) return;
    for (const element of this.#bound('booth-captions'))
      (element as CaptionsElement).languages = this.#offered.readable;
    this.#describe();
  }

  #define(name: BoundName, defineVoices: () => Promise<unknown>): void {
    // `<booth-captions>` is defined by the module that this one imports.
    if (name === 'booth-channels')
      defineVoices().catch((error: unknown) =>
        this.#warnings.warn('voicesNotLoaded', `<booth-channels> could not be loaded: ${textOfError(error)}.`),
      );
  }

  #bind(element: HTMLElement, name: BoundName): void {
    const other = bindings.get(element)?.by;
    // Elements that come back to a page are bound by the meeting of before as well, in any order.
    if (other && other.#number > this.#number) {
      other.#replace(this);
      return;
    }
    if (other) this.#replace(other);
    const ending = new AbortController();
    const end =
      name === 'booth-captions'
        ? this.#bindCaptions(element as CaptionsElement)
        : this.#bindVoices(element as ChannelsElement);
    element.addEventListener(
      'languagechange',
      (event) => {
        const { language } = (event as CustomEvent<{ language: HeardLanguage }>).detail;
        this.#selection.select(name === 'booth-captions' ? { reads: language } : { hears: language });
      },
      { signal: ending.signal },
    );
    bindings.set(element, {
      by: this,
      end: () => {
        ending.abort();
        end();
        bindings.delete(element);
      },
    });
    this.#show();
  }

  /** @returns what ends it */
  #bindCaptions(element: CaptionsElement): () => void {
    const { language, languages } = element;
    if (this.#selection.isUntouched && language !== undefined) this.#selection.select({ reads: language });
    element.language = this.#selection.wanted.reads ?? undefined;
    if (this.#offered) element.languages = this.#offered.readable;
    element.attach(this.#readerSource);
    return () => {
      element.detach(this.#readerSource);
      Object.assign(element, { language, languages });
    };
  }

  /** @returns what ends it */
  #bindVoices(element: ChannelsElement): () => void {
    const { language } = element;
    if (this.#selection.isUntouched && language !== 'original') this.#selection.select({ hears: language });
    element.language = this.#selection.wanted.hears;
    element.attach(this.#description());
    return () => {
      element.detach();
      element.language = language;
    };
  }

  #release(element: HTMLElement): void {
    const binding = bindings.get(element);
    if (binding?.by === this) binding.end();
    this.#show();
  }

  /** Tells the choice what the page can show. */
  #show(): void {
    const captions = this.#bound('booth-captions') as CaptionsElement[];
    const both = captions.some((element) => element.both);
    this.#selection.show({
      voices: this.#bound('booth-channels').length > 0,
      captions: captions.length === 0 ? 'none' : both ? 'both' : 'translation',
    });
    this.#showNotice();
  }

  #apply({ hears, reads }: WantedLanguages): void {
    for (const element of this.#bound('booth-captions')) (element as CaptionsElement).language = reads ?? undefined;
    for (const element of this.#bound('booth-channels')) (element as ChannelsElement).language = hears;
  }

  #refused(reason: ErrorReason | undefined): void {
    this.#cancelNotice?.();
    this.#cancelNotice = undefined;
    if (reason === this.#notice) return;
    this.#notice = reason;
    this.#showNotice();
    this.#describe();
    if (reason) this.#cancelNotice = this.#after(NOTICE_MS, () => this.#refused(undefined));
  }

  /** Captions show why a choice was refused where nothing else does. */
  #showNotice(): void {
    this.#hub.setNotice(this.#bound('booth-channels').length > 0 ? undefined : this.#notice);
  }

  /** Elements of originals may be other ones now. */
  #rendered(): void {
    const now = this.#originals.described(this.#spoken);
    const isSame =
      now.length === this.#described.length &&
      now.every(({ element }, index) => element === this.#described[index]?.element);
    if (!isSame) this.#describe();
  }

  /** Describes the meeting to `<booth-channels>`, once for all changes of a moment. */
  #describe(): void {
    if (this.#isDescribing || this.#isClosed) return;
    this.#isDescribing = true;
    queueMicrotask(() => {
      this.#isDescribing = false;
      if (this.#isClosed) return;
      const description = this.#description();
      this.#described = description.originals ?? [];
      for (const element of this.#bound('booth-channels')) (element as ChannelsElement).attach(description);
    });
  }

  #description(): AttachedMeeting {
    return {
      me: this.#me,
      channels: this.#tracks(),
      ...(this.#offered && { languages: this.#offered.audible, isRough: this.#offered.isRough }),
      originals: this.#originals.described(this.#spoken),
      messages: [this.#hub.all],
      notice: this.#notice,
    };
  }

  /** The tracks by language: of two voices for everybody the newer one, because one interpreter takes the place of another. */
  #tracks(): Record<LanguageCode, MediaStreamTrack[]> {
    const tracks: Record<LanguageCode, MediaStreamTrack[]> = {};
    const channels = [...this.#channels.values()].filter(({ speaker }) => speaker !== this.#me);
    for (const { language } of channels) {
      const ofLanguage = channels.filter((channel) => channel.language === language);
      const mixed = ofLanguage.findLast(({ speaker }) => speaker === undefined);
      tracks[language] = ofLanguage
        .filter((channel) => channel.speaker !== undefined || channel === mixed)
        .map(({ track }) => track);
    }
    return tracks;
  }

  /** The elements of this name, without those that another meeting has taken. */
  #bound(name: BoundName): HTMLElement[] {
    return [...this.#elements.elements].flatMap(([element, its]) =>
      its === name && bindings.get(element)?.by === this ? element : [],
    );
  }

  #warnOfNoElement(): void {
    if (this.#elements.elements.size === 0)
      this.#warnings.warn(
        'noElement',
        'there is neither <booth-captions> nor <booth-channels> in the document. Render one, or hand over those that are in a shadow ' +
          'root: meeting({ captions, channels }).',
      );
  }

  #after(ms: number, run: () => void): () => void {
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
    return cancel;
  }
}

function validated(options: EmbeddedMeetingOptions): EmbeddedMeetingOptions {
  const { me, languages, choose, remember } = Object(options) as Partial<EmbeddedMeetingOptions>;
  if (typeof me !== 'string') throw new TypeError('meeting() needs me: your own id, as the interpreter knows you.');
  if (typeof choose !== 'function')
    throw new TypeError('meeting() needs choose: a function that asks your server for languages.');
  if (!languages)
    throw new TypeError("meeting() needs languages, as ['es', 'fr'], or what the interpreter's languages() returns.");
  if (remember !== undefined && typeof remember !== 'boolean' && !isLanguage(remember))
    throw new TypeError('remember is true, or the key under which the choice is kept in localStorage.');
  return options;
}

/** @throws {TypeError} */
function wantedLanguages({ hears, reads }: { hears?: unknown; reads?: unknown }): Partial<WantedLanguages> {
  if (hears !== undefined && !isLanguage(hears))
    throw new TypeError(`hears is a language such as 'es', or 'original', and not ${JSON.stringify(hears)}.`);
  return { ...(hears !== undefined && { hears }), ...(reads !== undefined && { reads: readLanguage(reads) }) };
}

/** The one language that captions show: whether the original stands above it is up to their element. @throws {TypeError} */
function readLanguage(reads: unknown): HeardLanguage | null {
  const read = Array.isArray(reads) && reads.every(isLanguage) ? reads : undefined;
  const translations = new Set(read?.filter((language) => language !== 'original'));
  if (!read || translations.size > 1)
    throw new TypeError(
      `reads is a list of one language, as ['es'], or [] for none, and not ${JSON.stringify(reads)}.`,
    );
  const [translation = read.length > 0 ? 'original' : null] = translations;
  return translation;
}

const isLanguage = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isConsumer = (received: unknown): received is ConsumerLike =>
  (Object(received) as { track?: unknown }).track instanceof MediaStreamTrack;

const nameOf = (what: unknown): string =>
  what instanceof Promise ? 'a promise: await it' : Object.prototype.toString.call(what).slice(8, -1);

const textOfError = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What cannot be translated of one's own words is nothing that one waits to hear. */
const isAboutOwnSpeech = (message: RoomMessage, me: string): boolean =>
  message.type === 'status' && message.speaker.id === me && message.state === 'unavailable';
