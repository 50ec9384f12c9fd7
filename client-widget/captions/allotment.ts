/**
 * Who gets the lines there are: everyone who speaks has one, the newest first; what is left goes to the newest, up to what
 * they fill. Pure.
 */
export interface LineClaim {
  /** Still growing; what has ended keeps only what nobody else needs. */
  live: boolean;
  lines: number;
}

/** @param claims the oldest first */
export function allocateLines(claims: readonly LineClaim[], lines: number): number[] {
  const given = claims.map(() => 0);
  let left = lines;
  const give = (index: number, wanted: number) => {
    const more = Math.max(0, Math.min(left, wanted - (given[index] ?? 0)));
    given[index] = (given[index] ?? 0) + more;
    left -= more;
  };
  for (let index = claims.length - 1; index >= 0; index--) if (claims[index]?.live) give(index, 1);
  for (let index = claims.length - 1; index >= 0; index--) give(index, claims[index]?.lines ?? 0);
  return given;
}
