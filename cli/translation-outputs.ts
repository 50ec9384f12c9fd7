/** What `booth translate` writes: checked before anything is paid for, and written when everything is translated. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { compressVoice, MAX_TEMPO } from '@mediasoup-booth/interpreter/livetranslate';
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import type { FfmpegPrograms } from '../recordings/ffmpeg.ts';
import { isVideoCopied, writeMp4 } from '../recordings/mp4-file.ts';
import { checkOutputs, moveOutput, pathFor, soundFormatOf, subtitleFormatOf } from '../recordings/outputs.ts';
import type { MediaFile } from '../recordings/probe.ts';
import { writeOpus, writeText, writeWav } from '../recordings/sound-files.ts';
import { speechOf } from '../recordings/speech-of.ts';
import { type SubtitleUtterance, srtOf, subtitleCues, vttOf } from '../recordings/subtitle-cues.ts';
import { voiceOver } from '../recordings/voice-over.ts';
import { bytesNeeded } from './disk-need.ts';
import { CommandError, UsageError } from './errors.ts';
import { clockTime } from './progress.ts';
import type { RecordingChoice } from './recording-input.ts';
import type { JournalTarget, TranslationJournal } from './translation-journal.ts';

export interface OutputOptions {
  out?: string;
  subtitles?: string;
  bilingual?: boolean;
  original?: 'lowered' | 'off';
  overwrite?: boolean;
}

/** Of a microphone, which says nothing of its length. */
const USUAL_SECONDS = 3600;

export interface WriteOptions {
  /** Undefined: it was spoken into a microphone, and the original is not there to be lowered. */
  recording: MediaFile | undefined;
  choice: RecordingChoice;
  journal: TranslationJournal;
  /** Tells people what is being written, as it takes a while. */
  onProgress(text: string): void;
}

/** A file that is complete, and what people are told when it has its name. */
interface Written {
  path: string;
  part: string;
  told: string;
}

export class TranslationOutputs {
  readonly #options: OutputOptions;
  readonly #source: LanguageCode;
  readonly #targets: readonly LanguageCode[];
  /** The languages that get a voice: the one that is spoken has its own. */
  readonly #spoken: readonly LanguageCode[];
  readonly #ffmpeg: FfmpegPrograms | undefined;

  /** @throws {UsageError} and {RecordingError} for what cannot be written */
  constructor(
    options: OutputOptions,
    source: LanguageCode,
    targets: readonly LanguageCode[],
    ffmpeg: FfmpegPrograms | undefined,
  ) {
    this.#options = options;
    this.#source = source;
    this.#targets = targets;
    this.#spoken = targets.filter((target) => target !== source);
    this.#ffmpeg = ffmpeg;
    for (const path of [options.out, options.subtitles]) if (path !== undefined) requireNoDevice(path);
    if (options.subtitles) subtitleFormatOf(options.subtitles);
    if (options.bilingual && !options.subtitles) throw new UsageError('--bilingual is for --subtitles');
    if (options.out && soundFormatOf(options.out) !== 'wav' && !ffmpeg)
      throw new CommandError(
        `${options.out}: needs FFmpeg: get it by "npm run setup -- ffmpeg" or "apt install ffmpeg", or write a .wav`,
      );
  }

  /** Whether anything is written, so that there is something to go on with after a stop. */
  get areWanted(): boolean {
    return this.#options.out !== undefined || this.#options.subtitles !== undefined;
  }

  /** The folder in which what comes is kept until everything is written. */
  get journalFolder(): string {
    return `${this.#options.out ?? this.#options.subtitles}.part`;
  }

  /** The files that are written. */
  get paths(): string[] {
    const { out, subtitles } = this.#options;
    const sound = out === undefined ? [] : this.#spoken.map((target) => this.#pathOf(out, target));
    const texts = subtitles === undefined ? [] : this.#targets.map((target) => this.#pathOf(subtitles, target));
    return [...new Set([...sound, ...texts])];
  }

  /**
   * @param journal of the translation that goes on
   * @throws {RecordingError} and {CommandError} where something cannot be written
   */
  async check(recording: MediaFile | undefined, journal?: TranslationJournal): Promise<void> {
    const { out, original, overwrite = false } = this.#options;
    const input = recording && statSync(recording.path);
    if (recording?.isReadOnce && out !== undefined) this.#requireOneReading(recording.path, out, original);
    const bytes = bytesNeeded({
      seconds: recording?.durationSeconds ?? USUAL_SECONDS,
      inputBytes: input?.size ?? 0,
      sound: out === undefined ? undefined : soundFormatOf(out),
      voices: this.#spoken.length,
      subtitles: this.#options.subtitles === undefined ? 0 : this.#targets.length,
      isVideoCopied: recording === undefined || isVideoCopied(recording),
    });
    await checkOutputs(this.paths, {
      input: recording?.path ?? '',
      overwrite,
      bytes: bytes - (journal ? bytesIn(journal.folder) : 0),
      isOwn: (path) => journal?.hasWritten(path) ?? false,
    });
  }

  /** A pipe is empty when its speech has been translated. */
  #requireOneReading(input: string, out: string, original: OutputOptions['original']): void {
    if (soundFormatOf(out) === 'mp4')
      throw new CommandError(
        `${input}: can be read only once, and ${out} holds its picture and sound as well: save it as a file first, or write .wav or .opus with --original off`,
      );
    if (original !== 'off')
      throw new CommandError(
        `${input}: can be read only once, and the original sounds beneath the voice: leave it out with --original off, or save it as a file first`,
      );
  }

  /**
   * Writes everything, and gives it its names when all of it is complete. @returns the paths, with what is there
   *
   * @throws {RecordingError}
   */
  async write(options: WriteOptions): Promise<string[]> {
    const { journal } = options;
    const written = [...(await this.#writeSubtitles(journal)), ...(await this.#writeSound(options))];
    for (const { path, part } of written) {
      const mayReplace = this.#options.overwrite === true || journal.hasWritten(path);
      journal.addWritten(path, part);
      await moveOutput(part, path, mayReplace);
    }
    return written.map(({ told }) => told);
  }

  /** Of several languages each has files of its own, except that one MP4 holds them all. */
  #pathOf(path: string, target: LanguageCode): string {
    return this.#targets.length === 1 || path.toLowerCase().endsWith('.mp4') ? path : pathFor(path, target);
  }

  async #writeSubtitles(journal: TranslationJournal): Promise<Written[]> {
    const { subtitles, bilingual } = this.#options;
    const written: Written[] = [];
    for (const target of subtitles === undefined ? [] : this.#targets) {
      const path = this.#pathOf(subtitles ?? '', target);
      const part = partFor(journal, path, target);
      await writeText(part, this.#subtitlesOf(path, target, journal.target(target)));
      written.push({ path, part, told: `${path}: subtitles in ${bilingual ? `${this.#source} and ` : ''}${target}` });
    }
    return written;
  }

  #subtitlesOf(path: string, target: LanguageCode, { utterances }: JournalTarget): Iterable<string> {
    const cues = subtitleCues(
      utterances.map(({ startMs, endMs, source, translation }): SubtitleUtterance => {
        const text = { language: target, text: translation };
        return {
          startMs,
          endMs,
          texts: this.#options.bilingual ? [{ language: this.#source, text: source }, text] : [text],
        };
      }),
    );
    return subtitleFormatOf(path) === 'srt' ? srtOf(cues) : vttOf(cues);
  }

  async #writeSound(options: WriteOptions): Promise<Written[]> {
    const { out } = this.#options;
    if (out === undefined) return [];
    if (soundFormatOf(out) === 'mp4') return this.#writeVideo(out, options);
    const written: Written[] = [];
    for (const language of this.#spoken) {
      const path = this.#pathOf(out, language);
      const part = partFor(options.journal, path, language);
      const samples = await this.#writeVoice(part, path, language, options);
      const seconds = (samples / VOICE_SAMPLE_RATE).toFixed(1);
      written.push({ path, part, told: `${path}: ${seconds} s of speech in ${language}` });
    }
    return written;
  }

  /** @returns the number of samples */
  async #writeVoice(part: string, path: string, language: LanguageCode, options: WriteOptions): Promise<number> {
    if (soundFormatOf(path) === 'wav') return this.#mix(part, path, language, options);
    const wav = mixedWav(options.journal, language);
    const samples = await this.#mix(wav, path, language, options);
    if (this.#ffmpeg) await writeOpus(part, { wav, language, programs: this.#ffmpeg });
    await rm(wav);
    return samples;
  }

  async #writeVideo(path: string, options: WriteOptions): Promise<Written[]> {
    const { recording, choice, journal, onProgress } = options;
    if (!recording || !this.#ffmpeg) return [];
    const voices: { wav: string; language: LanguageCode }[] = [];
    for (const language of this.#spoken) {
      const wav = mixedWav(journal, language);
      await this.#mix(wav, path, language, options);
      voices.push({ wav, language });
    }
    const part = partFor(journal, path, 'all');
    await writeMp4(part, {
      ...{ recording, voices, track: choice.track ?? 1, source: this.#source, programs: this.#ffmpeg },
      onProgress: (seconds) => onProgress(writingLine(path, recording, seconds)),
    });
    const languages = this.#spoken.join(', ');
    return [{ path, part, told: `${path}: further audio ${counted(this.#spoken, 'track')} in ${languages}` }];
  }

  /** Places the voice of a language in the recording. @returns the number of samples */
  #mix(file: string, path: string, language: LanguageCode, options: WriteOptions): Promise<number> {
    const { recording, choice, journal, onProgress } = options;
    const target = journal.target(language);
    const pieces = target.utterances.flatMap(({ startMs, voice }) => (voice ? [{ startMs, ...voice }] : []));
    const isKept = recording !== undefined && this.#options.original !== 'off';
    const chunks = voiceOver({
      sampleRate: VOICE_SAMPLE_RATE,
      pieces,
      readVoice: (offset, length) => target.readVoice(offset, length),
      compression: { maxTempo: MAX_TEMPO, compress: compressVoice },
      ...(isKept && { original: speechOf(recording, VOICE_SAMPLE_RATE, choice) }),
      ...(recording?.durationSeconds !== undefined && { lengthSeconds: recording.durationSeconds }),
    });
    return writeWav(
      file,
      VOICE_SAMPLE_RATE,
      told(chunks, (seconds) => onProgress(writingLine(path, recording, seconds))),
    );
  }
}

/** Short, however long the name of the file is. */
const partFor = (journal: TranslationJournal, path: string, language: string): string =>
  journal.partFor(`${language}${extname(path)}`);

const mixedWav = ({ folder }: TranslationJournal, language: LanguageCode): string =>
  join(folder, `mixed.${language}.wav`);

const counted = (all: readonly unknown[], what: string): string => (all.length === 1 ? what : `${what}s`);

function writingLine(path: string, recording: MediaFile | undefined, seconds: number): string {
  const total = recording?.durationSeconds;
  return `writing ${path} … ${clockTime(seconds)}${total === undefined ? '' : ` of ${clockTime(total)}`}`;
}

/** The same samples; `tell` learns of each second. */
async function* told(chunks: AsyncIterable<Int16Array>, tell: (seconds: number) => void): AsyncGenerator<Int16Array> {
  let samples = 0;
  for await (const chunk of chunks) {
    const second = Math.floor(samples / VOICE_SAMPLE_RATE);
    samples += chunk.length;
    if (Math.floor(samples / VOICE_SAMPLE_RATE) > second) tell(second + 1);
    yield chunk;
  }
}

/** @throws {UsageError} where the name is that of a device, as /dev/null */
function requireNoDevice(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isFile() && !found.isDirectory() && !found.isSymbolicLink())
    throw new UsageError(`${path}: is a device or a pipe, not a file: name a file, or leave the option out`);
}

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
