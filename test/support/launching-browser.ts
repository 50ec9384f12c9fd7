/** Launches a browser, and says so, for a test to kill this process. */
import './end-with-parent.ts';
import { launchChromium } from './chromium.ts';

const browser = await launchChromium();
await (await browser.newPage()).goto('about:blank');
process.send?.('launched');
