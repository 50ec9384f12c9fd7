/**
 * One person's visit to the address of a room: what comes before joining, the meeting, what comes after. Owns what outlives
 * a meeting: the person's choices, their microphone and camera. Shows nothing.
 */
import type { LanguagesResponse } from '../../protocol/rest.ts';
import { LocalMedia, type Picked } from '../media/local-media.ts';
import { Output } from '../media/audio-output.ts';
import { OwnLevel } from '../media/microphone-level.ts';
import { type Reason, reasonOf } from '../media/reason.ts';
import { Store } from '../state/store.ts';
import type { CaptionSize, Wish } from './action.ts';
import type { Link } from './room-link.ts';
import { Meeting } from './meeting.ts';
import { type Choice, firstChoice, type Offers, offered, offers, readsOf, transcriptReads } from './language-offers.ts';
import { type Remembered, remember, remembered } from './stored-preferences.ts';
import { askLanguages, enter, type Pass } from './rest.ts';
import { claimRoom, isClaimed } from './tab-lock.ts';

/** What the engine can do, and so what a person is offered. */
export interface Prospect {
  languages: LanguagesResponse;
  offers: Offers;
}

export interface VisitState {
  name: string;
  captionSize: CaptionSize;
  /** Missing until the server has answered. */
  prospect: Prospect | undefined;
  choice: Choice;
  /** Another tab of this browser speaks in this room: this one listens. */
  listensOnly: boolean;
  joining: boolean;
  /** A host has to let this person in. */
  waiting: boolean;
  meeting: Meeting | undefined;
  /** What was said so far stands on the page. */
  transcript: boolean;
  /** Which devices were chosen, by the browser's ids. */
  picked: Record<Picked | 'speaker', string>;
  /** The meeting that was left, of which the server keeps a transcript. */
  left: Pass | undefined;
  /** Why the server could not be asked, or joining did not work. */
  problem: Reason | undefined;
}

export class Visit {
  readonly room: string;
  readonly local: LocalMedia;
  readonly level: OwnLevel;
  readonly #output: Output;
  readonly state: Store<VisitState>;
  readonly #link: Link;
  /** The person wants to speak although another tab does. */
  #insists = false;
  /** The meeting that is being joined. */
  #coming: Meeting | undefined;

  constructor(room: string, link: Link) {
    this.room = room;
    this.#link = link;
    const { name = '', captionSize = 0, microphone = '', cameraDevice = '', speaker = '' } = remembered(localStorage);
    const picked = { microphone, camera: cameraDevice, speaker };
    this.local = new LocalMedia(navigator.mediaDevices, picked);
    this.level = new OwnLevel(this.local);
    this.#output = new Output(document.body, speaker);
    this.state = new Store<VisitState>({
      name,
      captionSize,
      prospect: undefined,
      choice: { speaks: null, hears: 'original', mode: 'off', language: null },
      listensOnly: false,
      joining: false,
      waiting: false,
      meeting: undefined,
      transcript: false,
      picked,
      left: undefined,
      problem: undefined,
    });
  }

  /** Asks what there is to choose from, and opens the microphone unless another tab has it. */
  async begin(): Promise<void> {
    await this.#ask(this.#link.choice);
    if (!this.state.value.prospect || this.state.value.listensOnly) return;
    await this.local.open('microphone');
    if (remembered(localStorage).camera) await this.local.open('camera');
  }

  /** @param chosen goes before what was chosen on another day */
  async #ask(chosen: Partial<Choice>): Promise<void> {
    try {
      const languages = await askLanguages();
      const can = offers(languages, navigator.languages);
      const first = firstChoice(can, navigator.languages);
      this.#set({
        prospect: { languages, offers: can },
        choice: offered({ ...first, ...remembered(localStorage), ...chosen }, can),
        listensOnly: await isClaimed(this.room, navigator.locks),
      });
    } catch (error) {
      this.#set({ problem: reasonOf(error) });
    }
  }

  wish(wish: Wish): void {
    if (wish.is === 'choose') this.#choose(wish.choice);
    else if (wish.is === 'microphone') this.#speak(wish.on);
    else if (wish.is === 'camera') this.#showMyself(wish.on);
    else if (wish.is === 'screen') this.#open('screen', wish.on);
    else if (wish.is === 'interpret') this.#consent({ interpret: wish.on });
    else if (wish.is === 'pictures') this.#consent({ pictures: wish.on });
    else if (wish.is === 'device') this.#pick(wish.source, wish.id);
    else if (wish.is === 'transcript') this.#showTranscript(wish.open);
    else if (wish.is === 'captionSize') this.#resizeCaptions(wish.size);
    else if (wish.is === 'join') void this.#join(wish.name);
    else if (wish.is === 'stopWaiting') this.#coming?.room.leave();
    else if (wish.is === 'leave') this.#leave();
  }

  /** The page goes away. */
  close(): void {
    this.state.value.meeting?.close();
    this.local.closeAll();
  }

  #consent(consent: Pick<Remembered, 'interpret' | 'pictures'>): void {
    remember(localStorage, consent);
    this.state.value.meeting?.room.update(consent);
  }

  #pick(source: Picked | 'speaker', id: string): void {
    this.#set({ picked: { ...this.state.value.picked, [source]: id } });
    remember(localStorage, source === 'camera' ? { cameraDevice: id } : { [source]: id });
    if (source === 'speaker') this.#output.choose(id);
    else void this.local.pick(source, id);
  }

  /** What was said stands beside what it means: while the transcript is shown, who reads a translation reads the original too. */
  #showTranscript(transcript: boolean): void {
    this.#set({ transcript });
    this.#read();
  }

  #read(): void {
    const { choice, transcript, meeting } = this.state.value;
    meeting?.room.update({ reads: transcript ? transcriptReads(choice) : readsOf(choice) });
  }

  #set(change: Partial<VisitState>): void {
    this.state.set({ ...this.state.value, ...change });
  }

  #choose(change: Partial<Choice>): void {
    const choice = { ...this.state.value.choice, ...change };
    this.#set({ choice });
    remember(localStorage, choice);
    const room = this.state.value.meeting?.room;
    if (change.speaks !== undefined) room?.update({ speaks: change.speaks });
    if (change.mode !== undefined || change.hears !== undefined) this.#read();
  }

  #speak(on: boolean): void {
    this.local.setMuted(!on);
    if (!on) return;
    this.#insists ||= this.state.value.listensOnly;
    this.#set({ listensOnly: false });
    void this.local.open('microphone');
  }

  #showMyself(on: boolean): void {
    remember(localStorage, { camera: on });
    this.#open('camera', on);
  }

  #resizeCaptions(captionSize: CaptionSize): void {
    remember(localStorage, { captionSize });
    this.#set({ captionSize });
  }

  #open(source: 'camera' | 'screen', on: boolean): void {
    if (on) void this.local.open(source);
    else this.local.close(source);
  }

  async #join(name: string): Promise<void> {
    const { prospect, choice, joining } = this.state.value;
    if (!prospect || joining) return;
    this.#set({ joining: true, problem: undefined, name, left: undefined });
    remember(localStorage, { name, ...choice });
    const release = await this.#claim();
    const { interpret = true, pictures = true } = remembered(localStorage);
    const meeting = new Meeting({
      ...prospect,
      roomName: this.room,
      origin: location.origin.replace(/^http/, 'ws'),
      // Of two tabs with the same identity only one could stay.
      enter: () => this.#enter(name, release !== undefined),
      name,
      preferences: {
        speaks: choice.speaks,
        hears: choice.hears,
        reads: readsOf(choice),
        interpret,
        pictures,
      },
      local: this.local,
      ownLevel: this.level,
      place: document.body,
      release: release ?? (() => undefined),
    });
    // What is chosen to be heard inside is remembered like what was chosen before.
    meeting.channels.watch(({ hears }) => this.#choose({ hears }));
    this.#coming = meeting;
    meeting.room.state.watch(({ connection }) =>
      this.#set({ waiting: connection.is === 'waiting' || connection.is === 'rejoining' }),
    );
    try {
      await meeting.room.join();
      this.#set({ meeting, joining: false });
      await meeting.invitation.ask();
    } catch (error) {
      const { connection } = meeting.room.state.value;
      const changedTheirMind = connection.is === 'ended' && connection.why === 'left';
      meeting.close();
      this.#set({ problem: changedTheirMind ? undefined : reasonOf(error), joining: false });
    }
  }

  /** A page that is loaded anew comes back as the same person: whoever was let in need not knock again. */
  async #enter(name: string, asBefore: boolean): Promise<string> {
    const key = `booth.token ${this.room}`;
    const earlier = asBefore ? sessionStorage.getItem(key) : null;
    const { invite } = this.#link;
    const { token } = await enter({
      room: this.room,
      name,
      ...(invite !== undefined && { invite }),
      ...(earlier !== null && { earlier }),
    });
    sessionStorage.setItem(key, token);
    return token;
  }

  /** Who joins first has the microphone; a tab that opened one before either joined gives it back. */
  async #claim(): Promise<(() => void) | undefined> {
    const release = await claimRoom(this.room, navigator.locks).catch(() => undefined);
    if (!release && !this.#insists) {
      this.local.close('microphone');
      this.#set({ listensOnly: true });
    }
    return release;
  }

  /** Who has left is neither heard nor seen until they ask for it. */
  #leave(): void {
    const { meeting } = this.state.value;
    const kept = meeting && meeting.room.state.value.room?.transcript !== 'never';
    const left = kept ? meeting.pass : undefined;
    this.close();
    this.#insists = false;
    this.#set({ meeting: undefined, transcript: false, left });
    void this.#ask(this.state.value.choice);
  }
}
