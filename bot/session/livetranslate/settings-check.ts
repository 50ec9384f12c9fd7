/**
 * What the service says it will do, against what it was asked for. Most models repeat the whole of their settings; what
 * they leave out contradicts nothing. Pure.
 */
import type { AgreedSettings } from '../translation-session.ts';
import type { ServerFrame } from './frames.ts';
import { agreedSettings, type SessionSettings } from './settings.ts';
import { presentable } from './vendor-errors.ts';
import type { ServiceEndpoint } from './wire.ts';

type ServiceSettings = NonNullable<ServerFrame['session']>;

export interface SettingsCheck {
  agreed: AgreedSettings;
  /** One sentence for each thing that is not as it was asked for. */
  contradictions: readonly string[];
}

export function checkSettings(
  echo: ServiceSettings | null | undefined,
  settings: SessionSettings,
  peer: ServiceEndpoint,
): SettingsCheck {
  const said = (text: string | null | undefined): string => presentable(text ?? '', peer);
  const agreed = agreedSettings(settings);
  const contradictions: string[] = [];
  const modalities = echo?.modalities ?? echo?.output_modalities;
  if (modalities && modalities.includes('audio') !== settings.speaks) {
    contradictions.push(settings.speaks ? 'The service does not speak: text only.' : 'The service speaks unasked.');
    if (settings.speaks) agreed.audio = false;
  }
  const voice = said(echo?.voice ?? echo?.audio?.output?.voice);
  if (agreed.audio && voice && voice !== agreed.voice) {
    if (agreed.voice !== undefined) contradictions.push(`The service speaks as "${voice}", not "${agreed.voice}".`);
    agreed.voice = voice;
  }
  if (!agreed.audio) delete agreed.voice;
  const target = said(echo?.translation?.language);
  if (target && target !== settings.target) {
    contradictions.push(`The service translates into "${target}", not "${settings.target}".`);
  }
  const transcription = echo?.input_audio_transcription;
  const source = said(transcription?.language);
  if (source && source !== settings.source) {
    contradictions.push(`The service expects "${source}" to be spoken, not "${settings.source}".`);
  }
  if (settings.transcript && (transcription === null || transcription?.model === null)) {
    contradictions.push('The service gives no transcript of what is said.');
  }
  if (contradictions.length > 0) {
    agreed.downgraded = [settings.downgraded, ...contradictions].filter(Boolean).join(' ');
  }
  return { agreed, contradictions };
}
