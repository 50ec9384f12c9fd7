/**
 * The recordings that the demonstration says, by their names in the speech folder: statements, which the offline engine hears
 * and translates well. What comes out is its own work each time.
 */
export const demoSentences = [
  'conf-now-recording',
  'conf-extended',
  'feature-not-avail-line',
  'confbridge-only-participant',
  'all-circuits-busy-now',
  'number-not-answering',
  'vm-sorry',
] as const;
