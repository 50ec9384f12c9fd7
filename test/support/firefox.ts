/** A headless Firefox for tests, driven over WebDriver BiDi, whose microphone is a fake that sounds without a pause. */
import puppeteer, { type Browser } from 'puppeteer-core';
import { findFirefox } from '../../scripts/setup/firefox.mjs';

export function launchFirefox(): Promise<Browser> {
  const executablePath = findFirefox(process.env);
  if (!executablePath) throw new Error('no Firefox: "npm test" fetches one, or name yours in FIREFOX_PATH');
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
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
