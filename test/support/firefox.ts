/** A headless Firefox for tests, driven over WebDriver BiDi, whose microphone is a fake that sounds without a pause. */
import puppeteer, { type Browser } from 'puppeteer-core';
import { findFirefox } from '../../scripts/setup/firefox.mjs';

export interface FirefoxOptions {
  /** A folder with what the browser knows before it starts: authorities whom it trusts. */
  profile?: string;
  /** The port on its loopback by which it is driven; default: any free one. */
  debuggingPort?: number;
  /** The program to start in place of Firefox's, which starts Firefox. */
  startedBy?(executable: string): string;
}

export function launchFirefox({
  profile,
  debuggingPort,
  startedBy = (executable) => executable,
}: FirefoxOptions = {}): Promise<Browser> {
  const executablePath = findFirefox(process.env);
  if (!executablePath) throw new Error('no Firefox: "npm test" fetches one, or name yours in FIREFOX_PATH');
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: startedBy(executablePath),
    headless: true,
    ...(profile !== undefined && { userDataDir: profile }),
    ...(debuggingPort !== undefined && { debuggingPort }),
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.peerconnection.ice.loopback': false,
      'intl.accept_languages': 'en-US',
      'intl.locale.requested': 'en-US',
    },
  });
}
