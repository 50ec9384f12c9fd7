/** The word error rate's numerator and denominator: the fewest insertions, deletions and substitutions, and the number of words spoken. */
export function wordErrors(said: string, heard: string): { errors: number; words: number } {
  const [from, to] = [wordsOf(said), wordsOf(heard)];
  let row = to.map((_, index) => index + 1);
  from.forEach((word, i) => {
    let diagonal = i;
    let left = i + 1;
    row = row.map((above, j) => {
      left = Math.min(above + 1, left + 1, diagonal + (word === to[j] ? 0 : 1));
      diagonal = above;
      return left;
    });
  });
  return { errors: row.at(-1) ?? from.length, words: from.length };
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\d']+/gu) ?? [];
