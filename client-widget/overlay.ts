/** `/overlay/ROOM?language=es#TOKEN`: captions over whatever is below, for OBS and projectors. */
import { captionsPage } from './captions/page.ts';

document.body.append(captionsPage({ controls: 'off' }).captions);
