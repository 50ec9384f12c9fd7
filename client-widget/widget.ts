/** `<booth-captions>` and `<booth-channels>` for any page: one script, and a tag for each. */
import { BoothCaptions } from './captions/booth-captions.ts';

// A page that loads it twice has it once.
if (!customElements.get('booth-captions')) customElements.define('booth-captions', BoothCaptions);

/** Defines `<booth-channels>`, which weighs more: it comes when it is in the page for the first time, or asked for. */
const channels = () => import('./channels/booth-channels.ts');

const look = () => void (document.querySelector('booth-channels') && channels());
new MutationObserver(look).observe(document, { childList: true, subtree: true });
look();

export { BoothCaptions, channels };
