/** A host alone means https. Pure. */
export const originOf = (server: string): string => server.replace(/^(?!https?:|\/|$)/, 'https://');
