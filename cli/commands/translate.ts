import { LanguageCode } from '@mediasoup-booth/protocol';
import { Option } from 'commander';
import { endpoints } from '../../config/models.ts';
import { boothCommand, listOf, parsedBy, text } from '../arguments.ts';
import { RECORDING, withRecordingChoice } from '../recording-input.ts';
import { dryRun } from '../translation-dry-run.ts';
import { planTranslation, type TranslateOptions } from '../translation-plan.ts';
import { runTranslation } from '../translation-run.ts';

export const translate = withRecordingChoice(boothCommand('translate'))
  .description(
    `Translates a recording or a microphone, without a room. The cloud models are served in Singapore (${endpoints.international}), in Beijing (${endpoints.mainland}), and at each workspace's own host (wss://WORKSPACE.ap-southeast-1.maas.aliyuncs.com/api-ws/v1/realtime): name yours by --url or BOOTH_LIVETRANSLATE_URL.`,
  )
  .argument('<FILE>', `${RECORDING}; "-" reads raw 16 kHz mono 16-bit PCM from stdin`)
  .requiredOption('--from <LANGUAGE>', 'The language that is spoken, such as "en"', parsedBy(LanguageCode))
  .requiredOption(
    '--to <LANGUAGE>',
    'The languages wanted, separated by commas; the same as is spoken: a transcript',
    listOf(LanguageCode),
  )
  .option('--model <MODEL>', 'Instead of the configured one', text)
  .option('--url <wss://…>', 'A LiveTranslate endpoint, instead of the configured one (livetranslate.url)', text)
  .option('--voice <NAME>', "Instead of the model's own", text)
  .option('--hotwords <FILE>', 'Terms and how they shall be translated: a YAML or JSON map', text)
  .option(
    '--image <FILE>',
    'A PNG, JPEG or WebP picture of what is spoken about; sent with the first speech and each minute',
    text,
  )
  .addOption(
    new Option('--pictures <on|off>', "Whether the model is shown what changes in a video's picture")
      .choices(['on', 'off'])
      .default('on'),
  )
  .option('--text-only', 'No speech')
  .option(
    '--out <FILE>',
    'Writes the speech, each sentence where it was said: .wav, .opus, or .mp4 with the original and its picture',
    text,
  )
  .addOption(
    new Option('--original <lowered|off>', 'Whether the original is heard beneath the translation')
      .choices(['lowered', 'off'])
      .default('lowered'),
  )
  .option('--subtitles <FILE>', 'Writes subtitles: .srt or .vtt', text)
  .option('--bilingual', 'Subtitles hold what was said, too, above its translation')
  .option('--overwrite', 'Replaces files that exist')
  .option('--resume', 'Goes on with a translation that was stopped')
  .option('--json', 'Everything that happens, one JSON object a line')
  .option(
    '--dry-run',
    'Connects nowhere; estimates time and money, names the files that it would write, and prints the first frames that it would send',
  )
  .action(async (file: string, options: TranslateOptions) => {
    const plan = await planTranslation(file, options);
    await (options.dryRun ? dryRun(plan) : runTranslation(plan));
  });
