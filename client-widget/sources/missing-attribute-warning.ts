/**
 * Warns the developer of a page, in the console, which attributes a widget that shows nothing lacks. Loaded only then, so that it adds
 * nothing to the size of the widget.
 */
interface AttachableElement {
  localName: string;
  /** Absent in older browsers. */
  checkVisibility?(): boolean;
  room: string | undefined;
  token: string | undefined;
  getToken: unknown;
  language: string | undefined;
}

export function warnOfMissingAttributes(element: AttachableElement): void {
  // Nobody misses what a page does not show yet.
  if (element.checkVisibility?.() === false) return;
  const { room, token, getToken, language, localName } = element;
  const missing = Object.entries({ room, token: getToken ?? token, language }).flatMap(([name, is]) =>
    is ? [] : name,
  );
  console.warn(`<${localName}> shows nothing: it has no ${missing.join(', no ')}, and nothing is attached to it.`);
}
