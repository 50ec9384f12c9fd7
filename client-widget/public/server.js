// What a server imports that renders pages: without a document there are no elements and no meeting.
const inBrowser = (/** @type {string} */ name) => {
  throw new TypeError(`${name} needs a browser: call it where the page runs, as in useEffect() or onMounted().`);
};
export const meeting = () => inBrowser('meeting()');
export const channels = () => inBrowser('channels()');
export class BoothCaptions {
  constructor() {
    inBrowser('<booth-captions>');
  }
}
