/** `/listen/ROOM?language=ar#TOKEN`: captions that fill the screen of a phone in the hall. */
import { captionsPage } from './captions/page.ts';

const captions = captionsPage({ controls: 'open', history: '', 'show-speaker': '' });
captions.addEventListener('languagechange', () => {
  const query = new URLSearchParams(location.search);
  query.set('language', captions.language ?? 'original');
  history.replaceState(null, '', `${location.pathname}?${query}`);
});
document.body.append(captions);
