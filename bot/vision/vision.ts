/**
 * Lets the sessions of whoever speaks see what there is to see. Owns a lens for each screen or camera that it looks at: one picture
 * serves all speakers and all languages.
 *
 * Hard requirements: nothing is looked at while nobody speaks, or of somebody who refused; one request for a picture at a time
 * for each publisher, and at most one in 2 s.
 */
import type { ParticipantView, PictureMode } from '../../protocol/rooms.ts';
import type { Clock } from '../../time/clock.ts';
import { CaptureInterval } from './capture-interval.ts';
import { hasChanged, type LumaThumbnail } from './picture-change.ts';
import { type VideoTarget, videoTargetFor } from './video-target.ts';

export interface Picture {
  jpeg: Uint8Array;
  sketch: LumaThumbnail;
}

/** Looks at one publisher's video. */
export interface KeyFrameSource {
  /** Undefined: it could not be had in time, or not be read. */
  take(): Promise<Picture | undefined>;
  /** What the publisher has sent so far. */
  sentBytes(): Promise<number>;
  close(): void;
}

/** A session that hears a speaker. */
export interface PictureRecipient {
  /** Stays the same as the session goes from speaker to speaker. */
  readonly session: object;
  /** How much sound it has been sent. */
  readonly heardMs: number;
  /** True: it takes the picture. */
  image(jpeg: Uint8Array): boolean;
}

export interface VisionOptions {
  mode: PictureMode;
  participants: ReadonlyMap<string, ParticipantView>;
  openLens(sight: VideoTarget): KeyFrameSource;
  viewersOf(speaker: string): Iterable<PictureRecipient>;
  /** Whether there is money for it. */
  isAfforded(): boolean;
  clock: Clock;
  onFailed(error: unknown): void;
}

const TICK_MS = 500;
const MEASURE_EVERY_MS = 2000;
/** After the last word it is noticed for so long whether something changes; then all is looked at anew. */
const ATTENTIVE_MS = 600_000;
/** The same once more after so much sound: what a session saw long ago it does not look at any more. */
const REPEAT_AFTER_MS = 60_000;

interface View {
  sight: VideoTarget;
  lens: KeyFrameSource;
  pace: CaptureInterval;
  latest: Picture | undefined;
  taking: boolean;
  /** It did not come: it is not asked for again before somebody begins to speak. */
  givenUp: boolean;
  measured: { atMs: number; bytes: number } | undefined;
}

/** What a session saw last. */
interface Seen {
  producerId: string;
  sketch: LumaThumbnail;
  heardMs: number;
}

export class Vision {
  readonly #options: VisionOptions;
  readonly #speaking = new Set<string>();
  readonly #views = new Map<string, View>();
  readonly #seen = new WeakMap<object, Seen>();
  #cancelTick: (() => void) | undefined;
  #lastSpokenMs = 0;
  #closed = false;

  constructor(options: VisionOptions) {
    this.#options = options;
  }

  /** A speaker's gate opened or closed. */
  speaks(speaker: string, speaking: boolean): void {
    if (speaking) this.#speaking.add(speaker);
    else this.#speaking.delete(speaker);
    if (speaking) for (const view of this.#views.values()) view.givenUp = false;
    if (speaking && !this.#closed) this.#cancelTick ??= this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  /** Somebody came, went, began or ceased to show something, or refused to be seen. */
  follow(): void {
    const { participants } = this.#options;
    const visible = new Set(
      [...participants.keys()].flatMap((id) => videoTargetFor(id, participants)?.producerId ?? []),
    );
    for (const [id, view] of this.#views) if (!visible.has(id)) this.#closeView(id, view);
    for (const id of this.#speaking) if (!participants.has(id)) this.#speaking.delete(id);
  }

  close(): void {
    this.#closed = true;
    this.#cancelTick?.();
    this.#closeViews();
  }

  #closeViews(): void {
    for (const [id, view] of this.#views) this.#closeView(id, view);
  }

  #closeView(id: string, { lens }: View): void {
    this.#views.delete(id);
    lens.close();
  }

  #tick(): void {
    const now = this.#options.clock.now();
    if (this.#speaking.size > 0) this.#lastSpokenMs = now;
    if (now - this.#lastSpokenMs >= ATTENTIVE_MS) {
      this.#cancelTick = undefined;
      this.#closeViews();
      return;
    }
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick());
    for (const view of this.#views.values()) this.#measure(view, now);
    if (!this.#options.isAfforded()) return;
    for (const speaker of this.#speaking) {
      const sight = videoTargetFor(speaker, this.#options.participants);
      if (sight) this.#look(speaker, this.#viewOf(sight));
    }
  }

  #viewOf(sight: VideoTarget): View {
    const known = this.#views.get(sight.producerId);
    if (known) return known;
    const { mode, openLens } = this.#options;
    const pace = new CaptureInterval(mode, sight.kind);
    const view: View = {
      sight,
      lens: openLens(sight),
      pace,
      latest: undefined,
      taking: false,
      givenUp: false,
      measured: undefined,
    };
    this.#views.set(sight.producerId, view);
    return view;
  }

  #look(speaker: string, view: View): void {
    const now = this.#options.clock.now();
    if (view.taking) return;
    if (view.pace.isDue(now, this.#repeats(speaker, view)) && !view.givenUp) this.#take(view, now);
    else if (view.latest && !view.pace.moved) this.#show(speaker, view, view.latest);
  }

  #take(view: View, now: number): void {
    view.taking = true;
    view.pace.asked(now);
    view.lens
      .take()
      .then((picture) => {
        if (picture) this.#came(view, picture);
        else view.givenUp = true;
      })
      .catch(this.#options.onFailed)
      .finally(() => {
        view.taking = false;
        view.pace.asked(this.#options.clock.now());
      });
  }

  #came(view: View, picture: Picture): void {
    const { latest, sight } = view;
    view.pace.came(!latest || hasChanged(sight.kind, latest.sketch, picture.sketch));
    view.latest = picture;
    for (const speaker of this.#speaking) {
      const looksHere = videoTargetFor(speaker, this.#options.participants)?.producerId === sight.producerId;
      if (looksHere) this.#show(speaker, view, picture, { whateverSeen: this.#options.mode === 'fixed' });
    }
  }

  /** To those sessions that have not seen it. */
  #show(speaker: string, { sight }: View, { jpeg, sketch }: Picture, { whateverSeen = false } = {}): void {
    for (const viewer of this.#options.viewersOf(speaker)) {
      const { session, heardMs } = viewer;
      if ((whateverSeen || this.#isNew(sight, sketch, viewer)) && viewer.image(jpeg))
        this.#seen.set(session, { producerId: sight.producerId, sketch, heardMs });
    }
  }

  #isNew({ producerId, kind }: VideoTarget, sketch: LumaThumbnail, { session, heardMs }: PictureRecipient): boolean {
    const seen = this.#seen.get(session);
    if (!seen || seen.producerId !== producerId) return true;
    return heardMs - seen.heardMs >= REPEAT_AFTER_MS || hasChanged(kind, seen.sketch, sketch);
  }

  #repeats(speaker: string, { sight }: View): boolean {
    return [...this.#options.viewersOf(speaker)].some(({ session, heardMs }) => {
      const seen = this.#seen.get(session);
      return seen?.producerId === sight.producerId && heardMs - seen.heardMs >= REPEAT_AFTER_MS;
    });
  }

  #measure(view: View, now: number): void {
    const before = view.measured;
    if (before && now - before.atMs < MEASURE_EVERY_MS) return;
    view.measured = { atMs: now, bytes: before?.bytes ?? 0 };
    view.lens.sentBytes().then((bytes) => {
      if (before) view.pace.sent(bytes - before.bytes, now - before.atMs);
      view.measured = { atMs: now, bytes };
    }, this.#options.onFailed);
  }
}
