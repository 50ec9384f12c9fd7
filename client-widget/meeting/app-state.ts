/**
 * One person's visit to the address of a room: what comes before joining, the meeting, what comes after. Owns what outlives
 * a meeting: the person's choices, their microphone and camera. Shows nothing.
 */
import type { LanguagesResponse } from '../../protocol/rest.ts';
import { LocalMedia, type SelectableSource } from '../media/local-media.ts';
import { LoudspeakerOutput } from '../media/loudspeaker-output.ts';
import { MicrophoneLevel } from '../media/microphone-level.ts';
import { type Reason, reasonOf } from '../media/reason.ts';
import { Store } from '../state/store.ts';
import type { Action, CaptionSize } from './action.ts';
import {
  defaultChoice,
  type LanguageChoice,
  type LanguageOffers,
  languageOffers,
  offeredChoice,
  readsOf,
  transcriptReads,
} from './language-offers.ts';
import { MeetingSession } from './meeting.ts';
import { fetchLanguages, type RoomAccess, requestToken } from './rest.ts';
import type { RoomLink } from './room-link.ts';
import { loadPreferences, type StoredPreferences, savePreferences } from './stored-preferences.ts';
import { claimRoom, isClaimed } from './tab-lock.ts';

/** What the engine can do, and so what a person is offered. */
export interface EngineOffers {
  languages: LanguagesResponse;
  offers: LanguageOffers;
}

export interface AppSnapshot {
  name: string;
  captionSize: CaptionSize;
  /** Missing until the server has answered. */
  engine: EngineOffers | undefined;
  choice: LanguageChoice;
  /** Another tab of this browser speaks in this room: this one listens. */
  listensOnly: boolean;
  joining: boolean;
  /** A host has to let this person in. */
  waiting: boolean;
  meeting: MeetingSession | undefined;
  /** What was said so far stands on the page. */
  showsTranscript: boolean;
  /** Which devices were chosen, by the browser's ids. */
  deviceIds: Record<SelectableSource | 'speaker', string>;
  /** The meeting that was left, of which the server keeps a transcript. */
  leftRoom: RoomAccess | undefined;
  /** Why the server could not be asked, or joining did not work. */
  problem: Reason | undefined;
}

export class AppState {
  readonly room: string;
  readonly local: LocalMedia;
  readonly level: MicrophoneLevel;
  readonly #output: LoudspeakerOutput;
  readonly state: Store<AppSnapshot>;
  readonly #link: RoomLink;
  /** The person wants to speak although another tab does. */
  #speaksAnyway = false;
  /** The meeting that is being joined. */
  #pendingMeeting: MeetingSession | undefined;

  constructor(room: string, link: RoomLink) {
    this.room = room;
    this.#link = link;
    const {
      name = '',
      captionSize = 0,
      microphone = '',
      cameraDevice = '',
      speaker = '',
    } = loadPreferences(localStorage);
    const deviceIds = { microphone, camera: cameraDevice, speaker };
    this.local = new LocalMedia(navigator.mediaDevices, deviceIds);
    this.level = new MicrophoneLevel(this.local);
    this.#output = new LoudspeakerOutput(document.body, speaker);
    this.state = new Store<AppSnapshot>({
      name,
      captionSize,
      engine: undefined,
      choice: { speaks: null, hears: 'original', mode: 'off', language: null },
      listensOnly: false,
      joining: false,
      waiting: false,
      meeting: undefined,
      showsTranscript: false,
      deviceIds,
      leftRoom: undefined,
      problem: undefined,
    });
  }

  /** Asks what there is to choose from, and opens the microphone unless another tab has it. */
  async start(): Promise<void> {
    await this.#loadOffers(this.#link.choice);
    if (!this.state.value.engine || this.state.value.listensOnly) return;
    await this.local.open('microphone');
    if (loadPreferences(localStorage).camera) await this.local.open('camera');
  }

  /** @param chosen goes before what was chosen on another day */
  async #loadOffers(chosen: Partial<LanguageChoice>): Promise<void> {
    try {
      const languages = await fetchLanguages();
      const offers = languageOffers(languages, navigator.languages);
      const first = defaultChoice(offers, navigator.languages);
      this.#set({
        engine: { languages, offers },
        choice: offeredChoice({ ...first, ...loadPreferences(localStorage), ...chosen }, offers),
        listensOnly: await isClaimed(this.room, navigator.locks),
      });
    } catch (error) {
      this.#set({ problem: reasonOf(error) });
    }
  }

  dispatch(action: Action): void {
    if (action.is === 'choose') this.#choose(action.choice);
    else if (action.is === 'microphone') this.#setMicrophone(action.on);
    else if (action.is === 'camera') this.#setCamera(action.on);
    else if (action.is === 'screen') this.#setTrack('screen', action.on);
    else if (action.is === 'interpret') this.#setConsent({ interpret: action.on });
    else if (action.is === 'pictures') this.#setConsent({ pictures: action.on });
    else if (action.is === 'device') this.#selectDevice(action.source, action.id);
    else if (action.is === 'transcript') this.#showTranscript(action.open);
    else if (action.is === 'captionSize') this.#resizeCaptions(action.size);
    else if (action.is === 'join') void this.#join(action.name);
    else if (action.is === 'stopWaiting') this.#pendingMeeting?.room.leave();
    else if (action.is === 'leave') this.#leave();
  }

  /** The page goes away. */
  close(): void {
    this.state.value.meeting?.close();
    this.local.closeAll();
  }

  #setConsent(consent: Pick<StoredPreferences, 'interpret' | 'pictures'>): void {
    savePreferences(localStorage, consent);
    this.state.value.meeting?.room.update(consent);
  }

  #selectDevice(source: SelectableSource | 'speaker', id: string): void {
    this.#set({ deviceIds: { ...this.state.value.deviceIds, [source]: id } });
    savePreferences(localStorage, source === 'camera' ? { cameraDevice: id } : { [source]: id });
    if (source === 'speaker') this.#output.select(id);
    else void this.local.selectDevice(source, id);
  }

  /** What was said stands beside what it means: while the transcript is shown, who reads a translation reads the original too. */
  #showTranscript(showsTranscript: boolean): void {
    this.#set({ showsTranscript });
    this.#updateReads();
  }

  #updateReads(): void {
    const { choice, showsTranscript, meeting } = this.state.value;
    meeting?.room.update({ reads: showsTranscript ? transcriptReads(choice) : readsOf(choice) });
  }

  #set(change: Partial<AppSnapshot>): void {
    this.state.set({ ...this.state.value, ...change });
  }

  #choose(change: Partial<LanguageChoice>): void {
    const choice = { ...this.state.value.choice, ...change };
    this.#set({ choice });
    savePreferences(localStorage, choice);
    const room = this.state.value.meeting?.room;
    if (change.speaks !== undefined) room?.update({ speaks: change.speaks });
    if (change.mode !== undefined || change.hears !== undefined) this.#updateReads();
  }

  #setMicrophone(on: boolean): void {
    this.local.setMuted(!on);
    if (!on) return;
    this.#speaksAnyway ||= this.state.value.listensOnly;
    this.#set({ listensOnly: false });
    void this.local.open('microphone');
  }

  #setCamera(on: boolean): void {
    savePreferences(localStorage, { camera: on });
    this.#setTrack('camera', on);
  }

  #resizeCaptions(captionSize: CaptionSize): void {
    savePreferences(localStorage, { captionSize });
    this.#set({ captionSize });
  }

  #setTrack(source: 'camera' | 'screen', on: boolean): void {
    if (on) void this.local.open(source);
    else this.local.close(source);
  }

  async #join(name: string): Promise<void> {
    const { engine, choice, joining } = this.state.value;
    if (!engine || joining) return;
    this.#set({ joining: true, problem: undefined, name, leftRoom: undefined });
    savePreferences(localStorage, { name, ...choice });
    const release = await this.#claimMicrophone();
    const { interpret = true, pictures = true } = loadPreferences(localStorage);
    const meeting = new MeetingSession({
      ...engine,
      roomName: this.room,
      origin: location.origin.replace(/^http/, 'ws'),
      // Of two tabs with the same identity only one could stay.
      enter: () => this.#requestToken(name, release !== undefined),
      name,
      preferences: {
        speaks: choice.speaks,
        hears: choice.hears,
        reads: readsOf(choice),
        interpret,
        pictures,
      },
      local: this.local,
      microphoneLevel: this.level,
      audioContainer: document.body,
      release: release ?? (() => undefined),
    });
    // What is chosen to be heard inside is remembered like what was chosen before.
    meeting.channels.watch(({ hears }) => this.#choose({ hears }));
    this.#pendingMeeting = meeting;
    meeting.room.state.watch(({ connection }) =>
      this.#set({ waiting: connection.is === 'waiting' || connection.is === 'rejoining' }),
    );
    try {
      await meeting.room.join();
      this.#set({ meeting, joining: false });
      await meeting.invitation.create();
    } catch (error) {
      const { connection } = meeting.room.state.value;
      const changedTheirMind = connection.is === 'ended' && connection.why === 'left';
      meeting.close();
      this.#set({ problem: changedTheirMind ? undefined : reasonOf(error), joining: false });
    }
  }

  /** A page that is loaded anew comes back as the same person: whoever was let in need not knock again. */
  async #requestToken(name: string, asBefore: boolean): Promise<string> {
    const key = `booth.token ${this.room}`;
    const earlier = asBefore ? sessionStorage.getItem(key) : null;
    const { invite } = this.#link;
    const { token } = await requestToken({
      room: this.room,
      name,
      ...(invite !== undefined && { invite }),
      ...(earlier !== null && { earlier }),
    });
    sessionStorage.setItem(key, token);
    return token;
  }

  /** Who joins first has the microphone; a tab that opened one before either joined gives it back. */
  async #claimMicrophone(): Promise<(() => void) | undefined> {
    const release = await claimRoom(this.room, navigator.locks).catch(() => undefined);
    if (!release && !this.#speaksAnyway) {
      this.local.close('microphone');
      this.#set({ listensOnly: true });
    }
    return release;
  }

  /** Who has left is neither heard nor seen until they ask for it. */
  #leave(): void {
    const { meeting } = this.state.value;
    const keepsTranscript = meeting && meeting.room.state.value.room?.transcript !== 'never';
    const leftRoom = keepsTranscript ? meeting.access : undefined;
    this.close();
    this.#speaksAnyway = false;
    this.#set({ meeting: undefined, showsTranscript: false, leftRoom });
    void this.#loadOffers(this.state.value.choice);
  }
}
