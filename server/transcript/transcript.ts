/**
 * Turns the lines of a meeting's file into a transcript: of one language, or of what everyone said in their own. Pure.
 *
 * Times count from the beginning of the meeting. After a restart they continue by the computer's clock; they never decrease, even if
 * that clock was set back.
 */
import type { CaptionMessage, HeardLanguage, PlayoutMessage, TranscriptEntry } from '@mediasoup-booth/protocol';
import type { StoredPart, TranscriptLine } from './lines.ts';

interface Span {
  start: number;
  end: number;
}

interface Playout {
  started?: number;
  ended?: number;
  skipped?: true;
}

/** A final caption. `scope` names its part and its interpreter, within which utterance ids are unique. */
interface Final {
  scope: string;
  caption: CaptionMessage;
  said: Span;
}

/** No meeting lasts longer: a later time is a defect of its sender. */
const LATEST_MS = 30 * 86_400_000;
/**
 * A room that moves is open at the next server before it has left the one before, which may still write what was said there. A part that begins
 * longer before what is written was begun after the computer's clock was set back.
 */
const LONGEST_OVERLAP_MS = 30_000;
/** Estimates the length of an utterance whose end is not known. */
const MS_PER_CHARACTER = 60;

/**
 * Collects what the transcript of one language needs of a file's lines, in their order.
 *
 * @example
 * const transcript = new TranscriptBuilder('es');
 * for (const line of lines) transcript.add(line);
 * const entries = [...transcript.entries()];
 */
export class TranscriptBuilder {
  readonly #language: HeardLanguage;
  readonly #finals = new Map<string, Final>();
  /** The originals, keyed by scope and utterance. */
  readonly #originals = new Map<string, CaptionMessage>();
  readonly #playouts = new Map<string, Playout>();
  readonly #time = new MeetingTime();
  readonly #languages = new Set<string>();

  constructor(language: HeardLanguage) {
    this.#language = language;
  }

  add(line: TranscriptLine): void {
    const time = this.#time;
    if ('zero' in line) time.startPart(line);
    if (!('message' in line)) return;
    const { from, message } = line;
    const scope = `${time.part} ${from}`;
    if (message.type === 'playout')
      addPlayout(this.#playouts, playoutKey(scope, message), message, time.of(message.at));
    else this.#addCaption(scope, message, saidSpan(message, time));
  }

  /** The languages in which there is text. */
  get languages(): string[] {
    return [...this.#languages].sort();
  }

  /** In the order of the file. */
  *entries(): Generator<TranscriptEntry> {
    for (const final of this.#finals.values()) {
      const { sourceUtterance } = final.caption;
      yield entryOf(
        final,
        this.#playouts,
        sourceUtterance === undefined ? undefined : this.#originals.get(`${final.scope} ${sourceUtterance}`),
      );
    }
  }

  #addCaption(scope: string, caption: CaptionMessage, said: Span): void {
    const { kind, language, utterance } = caption;
    this.#languages.add(language);
    if (kind === 'original') {
      this.#languages.add('original');
      const original = `${scope} ${utterance}`;
      if (!this.#originals.has(original)) this.#originals.set(original, caption);
    }
    const isWanted = this.#language === 'original' ? kind === 'original' : language === this.#language;
    const key = captionKey(scope, caption);
    if (isWanted && !this.#finals.has(key)) this.#finals.set(key, { scope, caption, said });
  }
}

const captionKey = (scope: string, { language, kind, utterance }: CaptionMessage): string =>
  `${scope} ${language} ${kind} ${utterance}`;
const playoutKey = (scope: string, { language, utterance }: Pick<PlayoutMessage, 'language' | 'utterance'>): string =>
  `${scope} ${language} ${utterance}`;

class MeetingTime {
  part = 0;
  #beganMs: number | undefined;
  #offsetMs = 0;
  #latestMs = 0;
  /** Nothing of the part has been placed yet. */
  #isNewPart = false;

  startPart({ began, zero }: StoredPart): void {
    this.part++;
    this.#isNewPart = this.#beganMs !== undefined;
    this.#beganMs ??= began;
    this.#offsetMs = zero - this.#beganMs;
  }

  /** Milliseconds since the meeting began, for a moment of the room's clock. */
  of(roomMs: number): number {
    if (this.#isNewPart && this.#offsetMs + roomMs < this.#latestMs - LONGEST_OVERLAP_MS)
      this.#offsetMs = this.#latestMs;
    this.#isNewPart = false;
    const ms = Math.min(LATEST_MS, Math.max(0, Math.round(this.#offsetMs + roomMs)));
    this.#latestMs = Math.max(this.#latestMs, ms);
    return ms;
  }
}

function saidSpan(caption: CaptionMessage, time: MeetingTime): Span {
  const start = time.of(caption.start);
  const end = caption.end === undefined ? start : time.of(caption.end);
  return { start, end: end > start ? end : start + MS_PER_CHARACTER * textOf(caption).length };
}

function addPlayout(playouts: Map<string, Playout>, key: string, { state }: PlayoutMessage, atMs: number): void {
  const before = playouts.get(key) ?? {};
  if (state === 'started') playouts.set(key, { started: atMs, ...before });
  else if (state === 'ended') playouts.set(key, { ...before, ended: atMs });
  else playouts.set(key, { ...before, ended: atMs, skipped: true });
}

function entryOf(
  { scope, caption, said }: Final,
  playouts: ReadonlyMap<string, Playout>,
  original: CaptionMessage | undefined,
): TranscriptEntry {
  const { utterance, speaker, language, kind, corrected, stable, contentFiltered } = caption;
  const playout = kind === 'translation' ? playouts.get(playoutKey(scope, caption)) : undefined;
  const heard = playout && playedSpan(playout, said);
  return {
    utterance,
    speaker,
    language,
    kind,
    text: textOf(caption),
    ...(heard ? { ...heard, said } : said),
    ...(playout?.skipped && { skipped: true }),
    ...(corrected !== undefined && { shown: stable.trim() }),
    ...(contentFiltered && { contentFiltered }),
    ...(original && {
      original: { utterance: original.utterance, language: original.language, text: textOf(original) },
    }),
  };
}

/** When a translation was heard; undefined: it was not. */
function playedSpan({ started, ended }: Playout, said: Span): Span | undefined {
  if (started === undefined) return undefined;
  return { start: started, end: ended !== undefined && ended > started ? ended : started + said.end - said.start };
}

const textOf = ({ stable, corrected }: CaptionMessage): string => (corrected ?? stable).trim();
