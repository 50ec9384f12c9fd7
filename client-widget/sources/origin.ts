/** A host alone means https. Pure. */
export const serverOrigin = (server: string): string => server.replace(/^(?!https?:|\/|$)/, 'https://');
