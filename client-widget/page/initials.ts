/** `Jane van Dam` → `JD`: what stands for someone whose camera is off. */
const segmenter = new Intl.Segmenter();

const firstLetter = (word: string) => [...segmenter.segment(word)][0]?.segment ?? '';

export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = firstLetter(words[0] ?? name.trim());
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase();
}
