/** What `booth translate` writes: checked before anything is paid for, and written when everything is translated. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compressVoice, MAX_TEMPO } from '@mediasoup-booth/interpreter/livetranslate';
import type { LanguageCode } from '@mediasoup-booth/protocol';
import { VOICE_SAMPLE_RATE } from '../audio/sample-rates.ts';
import type { FfmpegPrograms } from '../recordings/ffmpeg.ts';
import {
  checkOutputs,
  pathFor,
  soundFormatOf,
  subtitleFormatOf,
  writeMp4,
  writeOpus,
  writeText,
  writeWav,
} from '../recordings/outputs.ts';
import type { MediaFile } from '../recordings/probe.ts';
import { speechOf } from '../recordings/speech-of.ts';
import { type SubtitleUtterance, srtOf, subtitleCues, vttOf } from '../recordings/subtitle-cues.ts';
import { voiceOver } from '../recordings/voice-over.ts';
import { CommandError, UsageError } from './errors.ts';
import type { RecordingChoice } from './recording-input.ts';
import type { JournalTarget } from './translation-journal.ts';

export interface OutputOptions {
  out?: string;
  subtitles?: string;
  bilingual?: boolean;
  original?: 'lowered' | 'off';
  overwrite?: boolean;
}

const VIDEO_BYTES_PER_SECOND = 250_000;
const VOICE_BYTES_PER_SECOND = 2 * VOICE_SAMPLE_RATE;
const USUAL_SECONDS = 3600;

export class TranslationOutputs {
  readonly #options: OutputOptions;
  readonly #source: LanguageCode;
  readonly #targets: readonly LanguageCode[];
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
    this.#ffmpeg = ffmpeg;
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

  /** @throws {RecordingError} where something cannot be written */
  check(input: string, seconds = USUAL_SECONDS): Promise<void> {
    const isVideo = this.#options.out !== undefined && soundFormatOf(this.#options.out) === 'mp4';
    const voices = this.#options.out ? 2 * VOICE_BYTES_PER_SECOND * this.#targets.length : 0;
    const bytes = seconds * (voices + (isVideo ? VIDEO_BYTES_PER_SECOND : 0));
    return checkOutputs(this.#paths, { input, overwrite: this.#options.overwrite ?? false, bytes });
  }

  /**
   * Writes everything. @returns the paths, with what is there
   *
   * @param recording undefined: it was spoken into a microphone, and the original is not there to be lowered
   * @throws {RecordingError}
   */
  async write(
    recording: MediaFile | undefined,
    choice: RecordingChoice,
    translated: (target: LanguageCode) => JournalTarget,
  ): Promise<string[]> {
    const written: string[] = [];
    for (const target of this.#options.subtitles ? this.#targets : []) {
      const path = this.#pathOf(this.#options.subtitles ?? '', target);
      await this.#writeSubtitles(path, target, translated(target));
      written.push(`${path}: subtitles in ${this.#options.bilingual ? `${this.#source} and ` : ''}${target}`);
    }
    if (this.#options.out) written.push(...(await this.#writeSound(this.#options.out, recording, choice, translated)));
    return written;
  }

  get #paths(): string[] {
    const { out, subtitles } = this.#options;
    return this.#targets.flatMap((target) =>
      [out, subtitles].flatMap((path) => (path === undefined ? [] : [this.#pathOf(path, target)])),
    );
  }

  /** Of several languages each has files of its own, except that one MP4 holds them all. */
  #pathOf(path: string, target: LanguageCode): string {
    return this.#targets.length === 1 || path.toLowerCase().endsWith('.mp4') ? path : pathFor(path, target);
  }

  async #writeSubtitles(path: string, target: LanguageCode, { utterances }: JournalTarget): Promise<void> {
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
    await writeText(path, subtitleFormatOf(path) === 'srt' ? srtOf(cues) : vttOf(cues));
  }

  async #writeSound(
    out: string,
    recording: MediaFile | undefined,
    choice: RecordingChoice,
    translated: (target: LanguageCode) => JournalTarget,
  ): Promise<string[]> {
    const format = soundFormatOf(out);
    const voices: { wav: string; language: LanguageCode }[] = [];
    const written: string[] = [];
    for (const language of this.#targets) {
      const path = this.#pathOf(out, language);
      const wav = format === 'wav' ? path : join(this.journalFolder, `mixed.${language}.wav`);
      const samples = await this.#mix(wav, recording, choice, translated(language));
      voices.push({ wav, language });
      const seconds = (samples / VOICE_SAMPLE_RATE).toFixed(1);
      if (format !== 'mp4') written.push(`${path}: ${seconds} s of speech in ${language}`);
      if (format === 'opus' && this.#ffmpeg) await writeOpus(path, { wav, language, programs: this.#ffmpeg });
    }
    if (format !== 'mp4' || !recording || !this.#ffmpeg) return written;
    const { track = 1 } = choice;
    await writeMp4(out, {
      ...{ input: recording.path, videoCodec: recording.video?.codec, track, source: this.#source },
      ...{ voices, programs: this.#ffmpeg },
    });
    return [...written, `${out}: further audio tracks in ${this.#targets.join(', ')}`];
  }

  #mix(
    path: string,
    recording: MediaFile | undefined,
    choice: RecordingChoice,
    target: JournalTarget,
  ): Promise<number> {
    const pieces = target.utterances.flatMap(({ startMs, voice }) => (voice ? [{ startMs, ...voice }] : []));
    const isKept = recording !== undefined && this.#options.original !== 'off' && existsSync(recording.path);
    const chunks = voiceOver({
      sampleRate: VOICE_SAMPLE_RATE,
      pieces,
      readVoice: (offset, length) => target.readVoice(offset, length),
      compression: { maxTempo: MAX_TEMPO, compress: compressVoice },
      ...(isKept && { original: speechOf(recording, VOICE_SAMPLE_RATE, choice) }),
      ...(recording?.durationSeconds !== undefined && { lengthSeconds: recording.durationSeconds }),
    });
    return writeWav(path, VOICE_SAMPLE_RATE, chunks);
  }
}
