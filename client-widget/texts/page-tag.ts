/** The language of the page that something stands in, as `es-MX`; where it has none, the browser's. */
export const pageTag = (): string => document.documentElement.lang || navigator.language;
