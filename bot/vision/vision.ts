/**
 * Shows the translation sessions of whoever speaks the screen that is shared, or the speaker's camera. Owns a key-frame source for each
 * screen or camera that it captures; one picture serves all speakers and all languages.
 *
 * Hard requirements: nothing is captured while nobody speaks, nor of somebody who refuses pictures; each publisher is asked for one
 * picture at a time, and at most once in 2 s.
 */
import type { ParticipantView, PictureMode } from '@mediasoup-booth/protocol';
import type { Clock } from '../../time/clock.ts';
import { CaptureInterval } from './capture-interval.ts';
import { hasChanged, type LumaThumbnail } from './picture-change.ts';
import { type VideoTarget, videoTargetFor } from './video-target.ts';

export interface CapturedPicture {
  jpeg: Uint8Array;
  thumbnail: LumaThumbnail;
}

/** Captures pictures of one publisher's video. */
export interface KeyFrameSource {
  /** Captures a picture; undefined where no key frame arrived in time, or it could not be decoded. */
  capture(): Promise<CapturedPicture | undefined>;
  /** Bytes that the publisher has sent so far. */
  sentBytes(): Promise<number>;
  close(): void;
}

/** A translation session that is sent a speaker's speech and can be shown pictures. */
export interface ImageSink {
  /** Identifies the session; it stays the same when the session is leased to another speaker. */
  readonly session: object;
  /** Milliseconds of audio that the session has been sent. */
  readonly sentAudioMs: number;
  /** Shows the session a picture. Returns whether it takes it. */
  sendImage(jpeg: Uint8Array): boolean;
}

interface VisionOptions {
  mode: PictureMode;
  participants: ReadonlyMap<string, ParticipantView>;
  openKeyFrameSource(target: VideoTarget): KeyFrameSource;
  /** The sessions that are sent a speaker's speech now. */
  imageSinksOf(speaker: string): Iterable<ImageSink>;
  /** Whether the budget allows for pictures. */
  isAffordable(): boolean;
  clock: Clock;
  onFailed(error: unknown): void;
}

const TICK_MS = 500;
const MEASURE_INTERVAL_MS = 2000;
/** Movement is still measured for this long after the last speech; then all sources are closed. */
const IDLE_AFTER_MS = 600_000;
/** A session is shown the same picture again after this much sound, as a model attends little to a picture of long ago. */
const REPEAT_AFTER_MS = 60_000;

interface TargetState {
  target: VideoTarget;
  keyFrameSource: KeyFrameSource;
  interval: CaptureInterval;
  latest: CapturedPicture | undefined;
  isCapturing: boolean;
  /** A capture failed: no other is tried before somebody starts to speak. */
  hasFailed: boolean;
  measured: { atMs: number; bytes: number } | undefined;
}

/** The picture that a session was shown last. */
interface LastShown {
  producerId: string;
  thumbnail: LumaThumbnail;
  sentAudioMs: number;
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

  /** A participant starts or stops speaking. */
  setSpeaking(speaker: string, isSpeaking: boolean): void {
    if (isSpeaking) this.#speaking.add(speaker);
    else this.#speaking.delete(speaker);
    if (isSpeaking) for (const state of this.#targets.values()) state.hasFailed = false;
    if (isSpeaking && !this.#closed) this.#cancelTick ??= this.#options.clock.after(TICK_MS, () => this.#tick());
  }

  /** To be called when participants or their videos change: closes what may not be captured any more. */
  reconcile(): void {
    const { participants } = this.#options;
    const visible = new Set(
      [...participants.keys()].flatMap((id) => videoTargetFor(id, participants)?.producerId ?? []),
    );
    for (const [id, state] of this.#targets) if (!visible.has(id)) this.#closeTarget(id, state);
    for (const id of this.#speaking) if (!participants.has(id)) this.#speaking.delete(id);
  }

  close(): void {
    this.#closed = true;
    this.#cancelTick?.();
    this.#closeTargets();
  }

  #closeTargets(): void {
    for (const [id, state] of this.#targets) this.#closeTarget(id, state);
  }

  #closeTarget(id: string, { keyFrameSource }: TargetState): void {
    this.#targets.delete(id);
    keyFrameSource.close();
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
    for (const state of this.#targets.values()) this.#measure(state, now);
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
    const interval = new CaptureInterval(mode, target.source);
    const state: TargetState = {
      target,
      keyFrameSource: openKeyFrameSource(target),
      interval,
      latest: undefined,
      isCapturing: false,
      hasFailed: false,
      measured: undefined,
    };
    this.#targets.set(target.producerId, state);
    return state;
  }

  #captureOrShow(speaker: string, state: TargetState): void {
    const now = this.#options.clock.now();
    if (state.isCapturing) return;
    if (state.interval.isDue(now, this.#isRepeatDue(speaker, state)) && !state.hasFailed) this.#capture(state, now);
    else if (state.latest && !state.interval.hasMoved) this.#show(speaker, state, state.latest);
  }

  #capture(state: TargetState, now: number): void {
    state.isCapturing = true;
    state.interval.requested(now);
    state.keyFrameSource
      .capture()
      .then((picture) => {
        if (picture) this.#captured(state, picture);
        else state.hasFailed = true;
      })
      .catch(this.#options.onFailed)
      .finally(() => {
        state.isCapturing = false;
        state.interval.requested(this.#options.clock.now());
      });
  }

  #captured(state: TargetState, picture: CapturedPicture): void {
    const { latest, target } = state;
    state.interval.captured(!latest || hasChanged(target.source, latest.thumbnail, picture.thumbnail));
    state.latest = picture;
    for (const speaker of this.#speaking) {
      const isShownThis = videoTargetFor(speaker, this.#options.participants)?.producerId === target.producerId;
      if (isShownThis) this.#show(speaker, state, picture, { isForced: this.#options.mode === 'fixed' });
    }
  }

  /** Shows a picture to those sessions of a speaker that have not been shown it. */
  #show(
    speaker: string,
    { target }: TargetState,
    { jpeg, thumbnail }: CapturedPicture,
    { isForced = false } = {},
  ): void {
    for (const imageSink of this.#options.imageSinksOf(speaker)) {
      const { session, sentAudioMs } = imageSink;
      if ((isForced || this.#isNew(target, thumbnail, imageSink)) && imageSink.sendImage(jpeg))
        this.#lastShown.set(session, { producerId: target.producerId, thumbnail, sentAudioMs });
    }
  }

  #isNew({ producerId, source }: VideoTarget, thumbnail: LumaThumbnail, { session, sentAudioMs }: ImageSink): boolean {
    const last = this.#lastShown.get(session);
    if (!last || last.producerId !== producerId) return true;
    return sentAudioMs - last.sentAudioMs >= REPEAT_AFTER_MS || hasChanged(source, last.thumbnail, thumbnail);
  }

  #isRepeatDue(speaker: string, { target }: TargetState): boolean {
    return [...this.#options.imageSinksOf(speaker)].some(({ session, sentAudioMs }) => {
      const last = this.#lastShown.get(session);
      return last?.producerId === target.producerId && sentAudioMs - last.sentAudioMs >= REPEAT_AFTER_MS;
    });
  }

  #measure(state: TargetState, now: number): void {
    const before = state.measured;
    if (before && now - before.atMs < MEASURE_INTERVAL_MS) return;
    state.measured = { atMs: now, bytes: before?.bytes ?? 0 };
    state.keyFrameSource.sentBytes().then((bytes) => {
      if (before) state.interval.addTraffic(bytes - before.bytes, now - before.atMs);
      state.measured = { atMs: now, bytes };
    }, this.#options.onFailed);
  }
}
