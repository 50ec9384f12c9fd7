/** `<booth-captions>` for any page: one script and one tag. */
import { BoothCaptions } from './captions/booth-captions.ts';

// A page that loads it twice has it once.
if (!customElements.get('booth-captions')) customElements.define('booth-captions', BoothCaptions);

export { BoothCaptions };
