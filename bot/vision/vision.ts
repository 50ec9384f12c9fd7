/**
 * Lets the sessions of whoever speaks see what there is to see. Owns a source for each screen or camera that it looks at: one picture
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

export interface CapturedPicture {
  jpeg: Uint8Array;
  thumbnail: LumaThumbnail;
}

/** Looks at one publisher's video. */
export interface KeyFrameSource {
  /** Undefined: it could not be had in time, or not be read. */
  capture(): Promise<CapturedPicture | undefined>;
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
  openKeyFrameSource(target: VideoTarget): KeyFrameSource;
  recipientsOf(speaker: string): Iterable<PictureRecipient>;
  /** Whether there is money for it. */
  isAffordable(): boolean;
  clock: Clock;
  onFailed(error: unknown): void;
}

const TICK_MS = 500;
const MEASURE_INTERVAL_MS = 2000;
/** After the last word it is noticed for so long whether something changes; then all is looked at anew. */
const IDLE_AFTER_MS = 600_000;
/** The same once more after so much sound: what a session saw long ago it does not look at any more. */
const REPEAT_AFTER_MS = 60_000;

interface TargetState {
  target: VideoTarget;
  source: KeyFrameSource;
  interval: CaptureInterval;
  latest: CapturedPicture | undefined;
  isCapturing: boolean;
  /** It did not come: it is not asked for again before somebody begins to speak. */
  hasGivenUp: boolean;
  measured: { atMs: number; bytes: number } | undefined;
}

/** What a session saw last. */
interface LastShown {
  producerId: string;
  thumbnail: LumaThumbnail;
  heardMs: number;
}

export class Vision {
  readonly #options: VisionOptions;
  readonly #speaking = new Set<string>();
  readonly #targets = new Map<string, TargetState>();
  readonly #lastShown = new WeakMap<object, LastShown>();
  #cancelTick: (() => void) | undefined;
  #lastSpokenMs = 0;
  #closed = false;

  constructor(options: VisionOptions) {
    this.#options = options;
  }

  /** A speaker's gate opened or closed. */
  setSpeaking(speaker: string, speaking: boolean): void {
    if (speaking) this.#speaking.add(speaker);
    else this.#speaking.delete(speaker);
    if (speaking) for (const view of this.#targets.values()) view.hasGivenUp = false;
    if (speaking && !this.#closed) this.#cancelTick ??= this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  /** Somebody came, went, began or ceased to show something, or refused to be seen. */
  reconcile(): void {
    const { participants } = this.#options;
    const visible = new Set(
      [...participants.keys()].flatMap((id) => videoTargetFor(id, participants)?.producerId ?? []),
    );
    for (const [id, view] of this.#targets) if (!visible.has(id)) this.#closeTarget(id, view);
    for (const id of this.#speaking) if (!participants.has(id)) this.#speaking.delete(id);
  }

  close(): void {
    this.#closed = true;
    this.#cancelTick?.();
    this.#closeTargets();
  }

  #closeTargets(): void {
    for (const [id, view] of this.#targets) this.#closeTarget(id, view);
  }

  #closeTarget(id: string, { source }: TargetState): void {
    this.#targets.delete(id);
    source.close();
  }

  #tick(): void {
    const now = this.#options.clock.now();
    if (this.#speaking.size > 0) this.#lastSpokenMs = now;
    if (now - this.#lastSpokenMs >= IDLE_AFTER_MS) {
      this.#cancelTick = undefined;
      this.#closeTargets();
      return;
    }
    this.#cancelTick = this.#options.clock.after(TICK_MS, () => this.#tick());
    for (const view of this.#targets.values()) this.#measure(view, now);
    if (!this.#options.isAffordable()) return;
    for (const speaker of this.#speaking) {
      const target = videoTargetFor(speaker, this.#options.participants);
      if (target) this.#captureOrShow(speaker, this.#stateOf(target));
    }
  }

  #stateOf(target: VideoTarget): TargetState {
    const known = this.#targets.get(target.producerId);
    if (known) return known;
    const { mode, openKeyFrameSource } = this.#options;
    const interval = new CaptureInterval(mode, target.kind);
    const view: TargetState = {
      target,
      source: openKeyFrameSource(target),
      interval,
      latest: undefined,
      isCapturing: false,
      hasGivenUp: false,
      measured: undefined,
    };
    this.#targets.set(target.producerId, view);
    return view;
  }

  #captureOrShow(speaker: string, view: TargetState): void {
    const now = this.#options.clock.now();
    if (view.isCapturing) return;
    if (view.interval.isDue(now, this.#isRepeatDue(speaker, view)) && !view.hasGivenUp) this.#capture(view, now);
    else if (view.latest && !view.interval.hasMoved) this.#show(speaker, view, view.latest);
  }

  #capture(view: TargetState, now: number): void {
    view.isCapturing = true;
    view.interval.requested(now);
    view.source
      .capture()
      .then((picture) => {
        if (picture) this.#captured(view, picture);
        else view.hasGivenUp = true;
      })
      .catch(this.#options.onFailed)
      .finally(() => {
        view.isCapturing = false;
        view.interval.requested(this.#options.clock.now());
      });
  }

  #captured(view: TargetState, picture: CapturedPicture): void {
    const { latest, target } = view;
    view.interval.captured(!latest || hasChanged(target.kind, latest.thumbnail, picture.thumbnail));
    view.latest = picture;
    for (const speaker of this.#speaking) {
      const looksHere = videoTargetFor(speaker, this.#options.participants)?.producerId === target.producerId;
      if (looksHere) this.#show(speaker, view, picture, { whateverSeen: this.#options.mode === 'fixed' });
    }
  }

  /** To those sessions that have not seen it. */
  #show(
    speaker: string,
    { target }: TargetState,
    { jpeg, thumbnail }: CapturedPicture,
    { whateverSeen = false } = {},
  ): void {
    for (const recipient of this.#options.recipientsOf(speaker)) {
      const { session, heardMs } = recipient;
      if ((whateverSeen || this.#isNew(target, thumbnail, recipient)) && recipient.image(jpeg))
        this.#lastShown.set(session, { producerId: target.producerId, thumbnail, heardMs });
    }
  }

  #isNew({ producerId, kind }: VideoTarget, thumbnail: LumaThumbnail, { session, heardMs }: PictureRecipient): boolean {
    const seen = this.#lastShown.get(session);
    if (!seen || seen.producerId !== producerId) return true;
    return heardMs - seen.heardMs >= REPEAT_AFTER_MS || hasChanged(kind, seen.thumbnail, thumbnail);
  }

  #isRepeatDue(speaker: string, { target }: TargetState): boolean {
    return [...this.#options.recipientsOf(speaker)].some(({ session, heardMs }) => {
      const seen = this.#lastShown.get(session);
      return seen?.producerId === target.producerId && heardMs - seen.heardMs >= REPEAT_AFTER_MS;
    });
  }

  #measure(view: TargetState, now: number): void {
    const before = view.measured;
    if (before && now - before.atMs < MEASURE_INTERVAL_MS) return;
    view.measured = { atMs: now, bytes: before?.bytes ?? 0 };
    view.source.sentBytes().then((bytes) => {
      if (before) view.interval.addTraffic(bytes - before.bytes, now - before.atMs);
      view.measured = { atMs: now, bytes };
    }, this.#options.onFailed);
  }
}
