/** A headless Chromium for tests, whose microphone and camera are fakes: beeps, or a recording. */
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../scripts/setup/chromium.mjs';

export interface ChromiumOptions {
  /** A WAV file that the microphone says, once. */
  microphone?: string;
  /** Whether the browser lets pages use the microphone and the camera; default yes. */
  devicesAllowed?: boolean;
  /** The browser sounds, and lets pages record the tab with this title; it has no fakes then. */
  recordsTab?: string;
  args?: readonly string[];
  /** Its home folder, with what it knows before it starts: authorities whom it trusts. */
  home?: string;
  /** The program to start in place of Chromium's, which starts Chromium. */
  startedBy?(executable: string): string;
}

/**
 * Parts of the browser around the page, without which a test takes half of the time: for each window Chromium loads two pages of its own,
 * with which its address bar makes suggestions. What Playwright switches off by itself is named again, as the last such argument holds.
 */
const unused = [
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'AimEnabled', 'LensOverlay', 'OptimizationHints', 'MediaRouter'],
  ...['PaintHolding', 'HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'ThirdPartyStoragePartitioning'],
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'PreconnectToSearch'],
];

export function launchChromium({
  microphone,
  devicesAllowed = true,
  recordsTab,
  args = [],
  home,
  startedBy = (executable) => executable,
}: ChromiumOptions = {}): Promise<Browser> {
  const executable = findChromium(process.env);
  if (!executable) throw new Error('no Chromium: "npm test" fetches one, or name yours in CHROME_PATH');
  const fakes = [
    '--use-fake-device-for-media-stream=fps=5',
    ...(devicesAllowed ? ['--use-fake-ui-for-media-stream'] : []),
    ...(microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}%noloop`]),
  ];
  return chromium.launch({
    executablePath: startedBy(executable),
    ...(home !== undefined && { env: { ...process.env, HOME: home } }),
    ...(recordsTab !== undefined && { ignoreDefaultArgs: ['--mute-audio'] }),
    args: [
      ...'--headless --no-sandbox --disable-gpu --disable-quic --no-first-run'.split(' '),
      ...'--disable-background-networking --disable-component-update --disable-sync'.split(' '),
      `--disable-features=${unused.join()}`,
      ...(recordsTab === undefined ? fakes : [`--auto-select-tab-capture-source-by-title=${recordsTab}`]),
      ...args,
    ],
  });
}
