/** Pages of applications that React and Vue render, with the elements of the widget's package and a meeting of their own. */

/** The part of a page that is the same in both: its meeting, in which it is also the server. */
export const app = `
import { type ChosenLanguages, meeting } from '@mediasoup-booth/widget';

/** What the page has asked for. */
export const chosen: ChosenLanguages[] = [];
const [server, client] = [new RTCPeerConnection(), new RTCPeerConnection()];
const sent = server.createDataChannel('captions');
const received = new Promise<RTCDataChannel>((resolve) => {
  client.ondatachannel = ({ channel }) => resolve(channel);
});
async function described(connection: RTCPeerConnection): Promise<RTCSessionDescription> {
  await connection.setLocalDescription();
  if (connection.iceGatheringState !== 'complete')
    await new Promise((resolve) => {
      connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve(undefined);
    });
  return connection.localDescription ?? new RTCSessionDescription({ type: 'rollback' });
}
await client.setRemoteDescription(await described(server));
await server.setRemoteDescription(await described(client));
const channel = await received;

let mounts = 0;
/** A meeting for as long as a component is mounted. */
export function mounted(): () => void {
  mounts++;
  const choose = (languages: ChosenLanguages) => void chosen.push(languages);
  const booth = meeting({ me: 'me', languages: ['es'], reads: ['es'], choose });
  booth.add(channel);
  return () => booth.close();
}

Object.assign(globalThis, {
  app: { chosen, say: (text: string) => sent.send(text), mounts: () => mounts },
});
/** Has the test render the page again, with other lines and in another place. */
export const renderBy = (render: (lines: number, place: string) => void) => Object.assign(globalThis, { render });
export const placeCalled = (id: string): HTMLElement => document.getElementById(id) ?? document.body;
`;

/** An application of React in strict mode, whose effects run twice where it is built for development. */
export const react = `
import '@mediasoup-booth/widget/react';
import { StrictMode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { mounted, placeCalled, renderBy } from './app.js';

function Captions() {
  const [{ lines, place }, set] = useState({ lines: 3, place: 'first' });
  renderBy((lines, place) => set({ lines, place }));
  useEffect(mounted, []);
  const captions = (
    <booth-captions show-speaker lines={lines} onlanguagechange={({ detail }) => console.info(detail.language)} />
  );
  return createPortal(captions, placeCalled(place));
}

// @ts-expect-error: there is no such place
export const wrong = <booth-captions place="left" />;
// @ts-expect-error: nothing is called so
export const misspelt = <booth-channels delays={3} />;

createRoot(placeCalled('app')).render(<StrictMode><Captions /></StrictMode>);
`;

/** An application of Vue, with a render function. */
export const vue = `
import { createApp, h, onMounted, onUnmounted, ref, Teleport } from 'vue';
import { mounted, placeCalled, renderBy } from './app.js';

createApp({
  setup() {
    const [lines, place] = [ref(3), ref('first')];
    renderBy((newLines, newPlace) => {
      lines.value = newLines;
      place.value = newPlace;
    });
    let close = () => {};
    onMounted(() => {
      close = mounted();
    });
    onUnmounted(() => close());
    return () => h(Teleport, { to: placeCalled(place.value) }, h('booth-captions', { showSpeaker: true, lines: lines.value }));
  },
}).mount(placeCalled('app'));
`;

/** A component of Vue with a template. @param place what the element is given as its place */
export const template = (place: string) => `
<script setup lang="ts">
import '@mediasoup-booth/widget/vue';
import { ref } from 'vue';

const lines = ref(3);
const store = (language: string | null) => console.info(language);
</script>
<template>
  <booth-captions show-speaker :lines="lines" place="${place}" @languagechange="({ detail }) => store(detail.language)" />
  <booth-channels :balance="0.5" @sound="({ detail }) => console.info(detail.blocked)" />
</template>
`;

/** Bundles both, and prints what webpack finds wrong. */
export const bundling = `
import webpack from 'webpack';

const flags = { __VUE_OPTIONS_API__: true, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false };
const compiler = webpack({
  mode: 'development',
  devtool: false,
  entry: { react: './compiled/react.js', vue: './compiled/vue.js' },
  output: { path: import.meta.dirname + '/dist' },
  plugins: [new webpack.DefinePlugin(flags)],
});
compiler.run((error, stats) => {
  console.log(error ?? stats.toString({ all: false, errors: true, warnings: true }));
});
`;

/** It does not say in which encoding it is, and its scripts are no modules: browsers do not read them as UTF-8. */
export const html = (
  name: string,
) => `<!doctype html><html lang="en"><head><title>${name}</title><link rel="icon" href="data:,"></head>
<body><div id="first"></div><div id="second"></div><div id="app"></div><script src="/${name}.js"></script></body></html>`;
