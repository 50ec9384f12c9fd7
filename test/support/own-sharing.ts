/** What a page does whose person speaks and shares what their computer plays: two tones, at the pitches that its address names. */
import { joinFromBrowser, produceOptions } from '../../client-widget/media/browser-room.ts';

const { server, token, voice, computer } = Object.fromEntries(new URLSearchParams(location.search));
const connection = await joinFromBrowser({
  server: server ?? '',
  token: token ?? '',
  name: 'Jane',
  preferences: { speaks: 'en', hears: 'original', reads: [], interpret: true, pictures: true },
});
const context = new AudioContext();
await context.resume();
for (const [source, hz] of [
  ['microphone', voice],
  ['screenAudio', computer],
] as const) {
  const [oscillator, gain] = [context.createOscillator(), context.createGain()];
  const out = context.createMediaStreamDestination();
  oscillator.frequency.value = Number(hz);
  gain.gain.value = 12_000 / 32_768;
  oscillator.connect(gain).connect(out);
  oscillator.start();
  for (const track of out.stream.getAudioTracks()) await connection.produce(produceOptions(source, track));
}
