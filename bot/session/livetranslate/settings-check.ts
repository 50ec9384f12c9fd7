/**
 * Compares the settings that the service confirms with those it was asked for. Most models repeat all of their settings; a field that
 * is left out counts as confirmed. Pure.
 */
import type { AgreedSettings } from '../translation-session.ts';
import type { ServerFrame } from './server-frame.ts';
import { agreedSettings, type SessionSettings } from './settings.ts';
import type { ServiceEndpoint } from './socket.ts';
import { presentable } from './vendor-errors.ts';

type ServiceSettings = NonNullable<ServerFrame['session']>;

export interface SettingsCheck {
  agreed: AgreedSettings;
  /** One sentence for people for each setting that differs from the requested one. */
  contradictions: readonly string[];
}

export function checkSettings(
  confirmed: ServiceSettings | null | undefined,
  settings: SessionSettings,
  endpoint: ServiceEndpoint,
): SettingsCheck {
  const shown = (text: string | null | undefined): string => presentable(text ?? '', endpoint);
  const agreed = agreedSettings(settings);
  const contradictions: string[] = [];
  const modalities = confirmed?.modalities ?? confirmed?.output_modalities;
  if (modalities && modalities.includes('audio') !== settings.hasAudioOutput) {
    contradictions.push(
      settings.hasAudioOutput ? 'The service does not speak: text only.' : 'The service speaks unasked.',
    );
    if (settings.hasAudioOutput) agreed.audio = false;
  }
  const voice = shown(confirmed?.voice ?? confirmed?.audio?.output?.voice);
  if (agreed.audio && voice && voice !== agreed.voice) {
    if (agreed.voice !== undefined) contradictions.push(`The service speaks as "${voice}", not "${agreed.voice}".`);
    agreed.voice = voice;
  }
  if (!agreed.audio) delete agreed.voice;
  const target = shown(confirmed?.translation?.language);
  if (target && target !== settings.target) {
    contradictions.push(`The service translates into "${target}", not "${settings.target}".`);
  }
  const transcription = confirmed?.input_audio_transcription;
  const source = shown(transcription?.language);
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
