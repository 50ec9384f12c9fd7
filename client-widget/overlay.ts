/** `/overlay/ROOM?language=es#TOKEN`: captions over whatever is below, for OBS and projectors. */
import './widget.ts';
import { captionsPage } from './caption-pages/captions-page.ts';
import { localeOf, setPageLocale } from './i18n/locale.ts';

const { captions } = captionsPage({ controls: 'off' });
// Who reads it is not who set it up.
setPageLocale(localeOf(captions.language, navigator.languages), document.documentElement);
document.body.append(captions);
