/**
 * The recordings that the demonstration says, by their names in the speech folder: statements about meetings and calls, whose
 * translation reads well.
 */
export const demoSentences = [
  'conf-onlyone',
  'conf-waitforleader',
  'feature-not-avail-line',
  'conf-now-recording',
  'demo-echodone',
  'cannot-complete-as-dialed',
  'conf-leaderhasleft',
] as const;
