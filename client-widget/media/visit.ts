/**
 * One person's visit to the address of a room: what comes before joining, the meeting, what comes after. Owns what outlives
 * a meeting: the person's choices, their microphone and camera. Shows nothing.
 */
import type { LanguagesResponse } from '../../protocol/rest.ts';
import type { Link } from './link.ts';
import { LocalMedia, type Picked } from './local-media.ts';
import { Meeting } from './meeting.ts';
import { type Choice, firstChoice, type Offers, offered, offers, readsOf, transcriptReads } from './offers.ts';
import { Output } from './output.ts';
import { OwnLevel } from './own-level.ts';
import { type Remembered, remember, remembered } from './remembered.ts';
import { askInvite, askLanguages, enter, type Pass } from './rest.ts';
import { Store } from './store.ts';
import { claimRoom, isClaimed } from './tabs.ts';
import type { CaptionSize, Wish } from './wish.ts';

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
  meeting: Meeting | undefined;
  /** The link with which others come in; empty where this person may not give any out. */
  inviteLink: string;
  /** What was said so far stands on the page. */
  transcript: boolean;
  /** Which devices were chosen, by the browser's ids. */
  picked: Record<Picked | 'speaker', string>;
  /** The meeting that was left, of which the server keeps a transcript. */
  left: Pass | undefined;
  /** Why the server could not be asked, or joining did not work. */
  problem: string;
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
      meeting: undefined,
      inviteLink: '',
      transcript: false,
      picked,
      left: undefined,
      problem: '',
    });
  }

  /** Asks what there is to choose from, and opens the microphone unless another tab has it. */
  async begin(): Promise<void> {
    try {
      const languages = await askLanguages();
      const can = offers(languages, navigator.languages);
      const first = firstChoice(can, navigator.languages);
      this.#set({
        prospect: { languages, offers: can },
        choice: offered({ ...first, ...remembered(localStorage), ...this.#link.choice }, can),
        listensOnly: await isClaimed(this.room, navigator.locks),
      });
    } catch (error) {
      this.#set({ problem: messageOf(error) });
      return;
    }
    if (this.state.value.listensOnly) return;
    await this.local.open('microphone');
    if (remembered(localStorage).camera) await this.local.open('camera');
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
    this.#set({ joining: true, problem: '', name, left: undefined });
    remember(localStorage, { name, ...choice });
    const { invite } = this.#link;
    const { interpret = true, pictures = true } = remembered(localStorage);
    const meeting = new Meeting({
      ...prospect,
      roomName: this.room,
      origin: location.origin.replace(/^http/, 'ws'),
      enter: async () => (await enter({ room: this.room, name, ...(invite !== undefined && { invite }) })).token,
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
      release: await this.#claim(),
    });
    // What is chosen to be heard inside is remembered like what was chosen before.
    meeting.channels.watch(({ hears }) => this.#choose({ hears }));
    try {
      await meeting.room.join();
      this.#set({ meeting, joining: false });
      await this.#askInvite(meeting.pass);
    } catch (error) {
      meeting.close();
      this.#set({ problem: messageOf(error), joining: false });
    }
  }

  /** Who joins first has the microphone; a tab that opened one before either joined gives it back. */
  async #claim(): Promise<() => void> {
    const release = await claimRoom(this.room, navigator.locks).catch(() => undefined);
    if (!release && !this.#insists) {
      this.local.close('microphone');
      this.#set({ listensOnly: true });
    }
    return release ?? (() => undefined);
  }

  async #askInvite(pass: Pass): Promise<void> {
    const inviteLink = await askInvite(pass).then(
      ({ link }) => link,
      // Only hosts give out invites.
      () => '',
    );
    this.#set({ inviteLink });
  }

  #leave(): void {
    const { meeting } = this.state.value;
    const left = meeting?.room.state.value.room?.transcriptHours ? meeting.pass : undefined;
    this.close();
    this.#insists = false;
    this.#set({ meeting: undefined, inviteLink: '', transcript: false, left });
    void this.begin();
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : 'Something went wrong.');
