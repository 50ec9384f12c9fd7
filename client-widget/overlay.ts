/** `/overlay/ROOM?language=es#TOKEN`: captions over whatever is below, for OBS and projectors. */
import { captionsPage } from './captions/page.ts';
import { localeOf, speakLocale } from './ui/locale.ts';

const { captions } = captionsPage({ controls: 'off' });
// Who reads it is not who set it up.
speakLocale(localeOf(captions.language, navigator.languages), document.documentElement);
document.body.append(captions);
