/**
 * The state of the app for one person in one room: the lobby, the meeting, and what follows it. Owns what outlives a meeting: the language
 * choice, the microphone and the camera. Renders nothing.
 */
import type { LanguagesResponse } from '@mediasoup-booth/protocol';
import { type ErrorReason, errorReasonOf } from '../media/error-reason.ts';
import { LocalMedia, type SelectableSource } from '../media/local-media.ts';
import { LoudspeakerOutput } from '../media/loudspeaker-output.ts';
import { MicrophoneLevel } from '../media/microphone-level.ts';
import { ownServer } from '../sources/own-server.ts';
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
import { operatorCredential, removeOperatorCredential, signIn } from './operator-sign-in.ts';
import { fetchLanguages, type RoomAccess, requestToken } from './rest.ts';
import type { RoomLink } from './room-link.ts';
import { loadPreferences, type StoredPreferences, savePreferences } from './stored-preferences.ts';
import { claimRoom, isClaimed } from './tab-lock.ts';

/** The languages that the engine offers, and so the choices of a person. */
export interface EngineOffers {
  languages: LanguagesResponse;
  offers: LanguageOffers;
}

export interface AppSnapshot {
  name: string;
  captionSize: CaptionSize;
  /** Undefined until the server has answered. */
  engine: EngineOffers | undefined;
  choice: LanguageChoice;
  /** Another tab of this browser speaks in the room, so that this one only listens. */
  listensOnly: boolean;
  joining: boolean;
  /** The person is in the waiting room. */
  waiting: boolean;
  meeting: MeetingSession | undefined;
  /** The transcript is shown. */
  showsTranscript: boolean;
  /** The chosen devices, by the browser's ids; empty: the system's default. */
  deviceIds: Record<SelectableSource | 'speaker', string>;
  /** The room that was left, where the server keeps a transcript to download. */
  leftRoom: RoomAccess | undefined;
  /** Why the server could not be reached or the person could not join. */
  problem: ErrorReason | undefined;
}

export class AppState {
  readonly room: string;
  readonly local: LocalMedia;
  readonly level: MicrophoneLevel;
  readonly #output: LoudspeakerOutput;
  readonly state: Store<AppSnapshot>;
  readonly #link: RoomLink;
  /** The person turned the microphone on although another tab speaks. */
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

  /** Signs in where the link says so, loads what the engine offers, and opens the microphone unless another tab has it. */
  async start(): Promise<void> {
    const problem = await this.#prepareEntrance();
    await this.#loadOffers(this.#link.choice);
    if (problem && this.state.value.engine) this.#set({ problem });
    if (!this.state.value.engine || this.state.value.listensOnly) return;
    await this.local.open('microphone');
    if (loadPreferences(localStorage).camera) await this.local.open('camera');
  }

  /** @returns why joining would be refused, as far as that can be known before */
  async #prepareEntrance(): Promise<ErrorReason | undefined> {
    const { code, invite } = this.#link;
    const problem = await signIn(code, { origin: localStorage, tab: sessionStorage }, navigator.locks);
    if (invite !== undefined || operatorCredential(localStorage) !== undefined) return undefined;
    return problem ?? { code: 'inviteNeeded', message: 'Entering needs an invite link.' };
  }

  /** @param chosen takes precedence over stored preferences */
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
      this.#set({ problem: errorReasonOf(error) });
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

  /** Releases everything when the page is closed. */
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

  /** While the transcript is shown, a person who reads a translation receives the originals too, which stand beside it. */
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
      server: ownServer(),
      // A tab without the claim joins under an identity of its own: of two tabs with one identity, only one could stay.
      enter: () => this.#requestToken(name, release !== undefined),
      onTokenRenewed: (token) => {
        if (release !== undefined) sessionStorage.setItem(this.#tokenKey, token);
      },
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
    // A channel that is selected in the meeting is stored like one that is chosen in the lobby.
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
      this.#set({ problem: changedTheirMind ? undefined : errorReasonOf(error), joining: false });
    }
  }

  get #tokenKey(): string {
    return `booth.token ${this.room}`;
  }

  /** A reloaded page presents its earlier token, so that a person who was let in does not have to wait again. */
  async #requestToken(name: string, asBefore: boolean): Promise<string> {
    const earlier = asBefore ? sessionStorage.getItem(this.#tokenKey) : null;
    const { invite } = this.#link;
    const credential = invite === undefined ? operatorCredential(localStorage) : undefined;
    const { token } = await requestToken({
      room: this.room,
      name,
      ...(invite !== undefined && { invite }),
      ...(credential !== undefined && { credential }),
      ...(earlier !== null && { earlier }),
    }).catch((error: unknown) => {
      if (errorReasonOf(error).code === 'signedOut') removeOperatorCredential(localStorage);
      throw error;
    });
    sessionStorage.setItem(this.#tokenKey, token);
    return token;
  }

  /** The tab that joins first has the microphone; another tab that opened one in its lobby closes it. */
  async #claimMicrophone(): Promise<(() => void) | undefined> {
    const release = await claimRoom(this.room, navigator.locks).catch(() => undefined);
    if (!release && !this.#speaksAnyway) {
      this.local.close('microphone');
      this.#set({ listensOnly: true });
    }
    return release;
  }

  /** After leaving, the microphone and camera stay off until the person turns them on. */
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
