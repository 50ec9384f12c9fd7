/** Tells who builds a page, where they look, what a widget that shows nothing has not been given. Loaded when that is so. */
interface Needy {
  localName: string;
  room: string | undefined;
  token: string | undefined;
  getToken: unknown;
  language: string | undefined;
}

export function warnOfMissing(element: Needy): void {
  const { room, token, getToken, language, localName } = element;
  const missing = Object.entries({ room, token: getToken ?? token, language }).flatMap(([name, is]) =>
    is ? [] : name,
  );
  console.warn(`<${localName}> shows nothing: it has no ${missing.join(', no ')}, and nothing is attached to it.`);
}
