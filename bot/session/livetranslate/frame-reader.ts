/**
 * Turns the service's frames into the events of a session: transcript and translation with exactly one final text for each segment,
 * the translation's voice, usage, and which translation belongs to which source segment. No timers, no sockets.
 */

import { BoundedMap, BoundedSet } from '../../../collections/bounded-map.ts';
import type { SegmentText, SessionEvents } from '../translation-session.ts';
import { SegmentPairing } from './segment-pairing.ts';
import type { ServerFrame } from './server-frame.ts';
import { type TextChange, TextStream } from './text-stream.ts';
import type { SessionUsageMeter } from './usage-meter.ts';
import type { VendorError } from './vendor-errors.ts';
import { VoiceStream } from './voice-stream.ts';

/** When something was said, as far as the service has reported: it knows the end later than the first words. */
interface SpeechSpan {
  startMs: number;
  endMs?: number;
}

const MAX_SEGMENTS = 500;

export interface ServerFrameReaderOptions {
  events: SessionEvents;
  /** Only the transcript is wanted: the translation's text is dropped. */
  transcriptOnly: boolean;
  /** Whether the translation's voice is wanted; if not, it is dropped. */
  hasAudioOutput: boolean;
  usageMeter: SessionUsageMeter;
  /** The service could not recognise or translate a segment. */
  segmentFailed(details: VendorError): void;
  nowMs(): number;
  /** Converts a time of the service to a time of the speech that the caller pushed. */
  pushedMs(serviceMs: number): number;
}

export class ServerFrameReader {
  readonly #options: ServerFrameReaderOptions;
  readonly #source = new TextStream();
  readonly #translation = new TextStream();
  readonly #voice = new VoiceStream();
  readonly #pairing = new SegmentPairing();
  readonly #spans = new BoundedMap<string, SpeechSpan>(MAX_SEGMENTS);
  /** The span of speech whose item the service has not named, until the next segment of text takes it. */
  #unclaimed: SpeechSpan | undefined;
  /** The latest span: an end of speech without an item belongs to it. */
  #latest: SpeechSpan | undefined;
  /** The segments of translation that each response has produced so far. */
  readonly #responses = new BoundedMap<string, Set<string>>(MAX_SEGMENTS);
  /** The responses whose usage was reported: each is counted once. */
  readonly #reportedResponses = new BoundedSet<string>(MAX_SEGMENTS);
  /** Names for segments that the service does not name: they are numbered in order. */
  #sourceCount = 0;
  #responseCount = 0;

  constructor(options: ServerFrameReaderOptions) {
    this.#options = options;
  }

  /** @returns false for a frame of an unknown type */
  read(frame: ServerFrame): boolean {
    switch (frame.type) {
      case 'input_audio_buffer.speech_started':
        this.#speechStarted(frame);
        return true;
      case 'input_audio_buffer.speech_stopped':
        this.#speechStopped(frame);
        return true;
      case 'input_audio_buffer.backlog':
        if (typeof frame.waiting_ms === 'number')
          this.#options.events.backlog?.(frame.waiting_ms, frame.speakers_ahead ?? 0);
        return true;
      case 'conversation.item.created':
        this.#itemCreated(frame);
        return true;
      case 'conversation.item.input_audio_transcription.text':
      case 'conversation.item.input_audio_transcription.delta':
        this.#sourceChanged(frame);
        return true;
      case 'conversation.item.input_audio_transcription.completed':
        this.#sourceFinished(frame);
        return true;
      case 'conversation.item.input_audio_transcription.failed':
        this.#sourceFinished(frame);
        if (frame.error) this.#options.segmentFailed(frame.error);
        return true;
      case 'response.audio_transcript.text':
      case 'response.audio_transcript.delta':
      case 'response.text.text':
      case 'response.text.delta':
        this.#translationChanged(frame);
        return true;
      case 'response.audio_transcript.done':
      case 'response.text.done':
        this.#translationFinished(this.#translationSegment(frame), frame.transcript || frame.text || '');
        return true;
      case 'response.audio.delta':
        this.#audioReceived(frame);
        return true;
      case 'response.audio.done':
        this.#audioFinished(this.#translationSegment(frame));
        return true;
      case 'response.done':
        this.#responseDone(frame);
        return true;
      default:
        return withoutContent.has(frame.type ?? '');
    }
  }

  #speechStarted({ audio_start_ms, item_id }: ServerFrame): void {
    if (typeof audio_start_ms !== 'number') return;
    const span = { startMs: this.#options.pushedMs(audio_start_ms) };
    this.#latest = span;
    if (item_id) {
      this.#spans.set(item_id, span);
      // Its translation may be final before the first word of its transcript arrives.
      this.#pairing.addSource(item_id);
    } else {
      this.#unclaimed = span;
    }
  }

  #speechStopped({ audio_end_ms, item_id }: ServerFrame): void {
    const span = (item_id && this.#spans.get(item_id)) || this.#latest;
    if (span && typeof audio_end_ms === 'number') span.endMs = this.#options.pushedMs(audio_end_ms);
    if (item_id) this.#pairing.endSource(item_id, this.#options.nowMs());
  }

  #itemCreated({ item, previous_item_id }: ServerFrame): void {
    if (item?.id && previous_item_id && item.role !== 'user') this.#pairing.link(item.id, previous_item_id);
  }

  #sourceChanged(frame: ServerFrame): void {
    const segment = this.#sourceSegment(frame);
    const change = changeIn(frame);
    if (change) this.#emitSource(this.#source.change(segment, change));
  }

  #sourceFinished(frame: ServerFrame): void {
    const segment = this.#sourceSegment(frame);
    this.#pairing.endSource(segment, this.#options.nowMs());
    const final = this.#source.finish(segment, frame.transcript ?? '');
    if (final) this.#options.usageMeter.textReceived(final.confirmed);
    this.#emitSource(final, frame.language);
    this.#sourceCount++;
  }

  /** The segment's name. When it first appears, it is paired with a translation and takes the unnamed span of speech. */
  #sourceSegment({ item_id }: ServerFrame): string {
    const segment = item_id ?? `source-${this.#sourceCount}`;
    if (this.#source.has(segment)) return segment;
    this.#pairing.addSource(segment);
    if (this.#unclaimed && !this.#spans.has(segment)) {
      this.#spans.set(segment, this.#unclaimed);
      this.#unclaimed = undefined;
    }
    return segment;
  }

  #emitSource(text: SegmentText | undefined, language?: string | null): void {
    if (text) this.#options.events.source({ ...text, ...this.#spans.get(text.segment), ...(language && { language }) });
  }

  #translationSegment({ item_id, response_id }: ServerFrame): string {
    const segment = item_id ?? response_id ?? `translation-${this.#responseCount}`;
    const response = response_id ?? '';
    const segments = this.#responses.get(response) ?? new Set();
    this.#responses.set(response, segments);
    if (segments.size < MAX_SEGMENTS) segments.add(segment);
    return segment;
  }

  #translationChanged(frame: ServerFrame): void {
    const change = changeIn(frame);
    if (change) this.#emitTranslation(this.#translation.change(this.#translationSegment(frame), change));
  }

  #translationFinished(segment: string, text: string): void {
    const final = this.#translation.finish(segment, text);
    if (final) this.#options.usageMeter.textReceived(final.confirmed);
    this.#emitTranslation(final);
  }

  #emitTranslation(text: SegmentText | undefined): void {
    if (!text || this.#options.transcriptOnly) return;
    const sourceSegment = this.#pairing.sourceOf(text.segment, this.#options.nowMs());
    this.#options.events.translation({ ...text, ...(sourceSegment !== undefined && { sourceSegment }) });
  }

  #audioReceived(frame: ServerFrame): void {
    const segment = this.#translationSegment(frame);
    const samples = this.#voice.push(segment, frame.delta ?? '');
    if (!samples || samples.length === 0) return;
    this.#options.usageMeter.audioReceived(samples.length);
    if (this.#options.hasAudioOutput) this.#options.events.audio(segment, samples);
  }

  #audioFinished(segment: string): void {
    if (this.#voice.end(segment) && this.#options.hasAudioOutput) this.#options.events.audioEnd(segment);
  }

  /** The end of a response also ends those of its segments that did not end by themselves. */
  #responseDone({ response, response_id }: ServerFrame): void {
    const id = response?.id ?? response_id ?? '';
    for (const segment of this.#responses.get(id) ?? []) {
      if (this.#translation.has(segment)) this.#translationFinished(segment, '');
      this.#audioFinished(segment);
    }
    this.#responses.delete(id);
    this.#responseCount++;
    this.#reportUsage(id, response);
    const failure = response?.error ?? response?.status_details?.error;
    if (failure) this.#options.segmentFailed(failure);
  }

  #reportUsage(id: string, response: ServerFrame['response']): void {
    if (id && this.#reportedResponses.has(id)) return;
    this.#reportedResponses.add(id);
    const usage = this.#options.usageMeter.takeUsage(response?.usage);
    if (usage) this.#options.events.usage(usage);
  }
}

/** Frames that carry nothing that other frames do not carry as well. */
const withoutContent: ReadonlySet<string> = new Set([
  'input_audio_buffer.committed',
  'input_audio_buffer.cleared',
  'response.created',
  'response.output_item.added',
  'response.output_item.done',
  'response.content_part.added',
  'response.content_part.done',
]);

/** Decided by the fields that are there, not by the frame's type: that holds for every model generation. */
function changeIn({ delta, text, stash }: ServerFrame): TextChange | undefined {
  if (typeof delta === 'string') return { added: delta };
  if (typeof text === 'string' || typeof stash === 'string') return { confirmed: text ?? '', tentative: stash ?? '' };
  return undefined;
}
