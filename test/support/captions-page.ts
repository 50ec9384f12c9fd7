/** What is measured in a page that shows captions. The functions that run in the page know nothing of this file. */
interface Talking {
  says(stable: string, more: { utterance: string; tentative?: string; final?: boolean }): void;
}

const EVERY_MS = 20;
/** In an utterance, which so has room on three lines: a word every fifth update, the next ones guessed and guessed anew. */
const WORDS = 8;

export function startTalking(meeting: Talking): { sent(): number; stop(): void } {
  let sent = 0;
  const update = () => {
    const step = sent++ % (WORDS * 5);
    const utterance = `talk-${Math.floor(sent / (WORDS * 5))}`;
    const stable = 'palabra '.repeat(Math.floor(step / 5));
    const tentative = 'quizás '.repeat(step % 4);
    if (step === WORDS * 5 - 1) meeting.says(`${stable}${'palabra '.repeat(4)}`.trim(), { utterance, final: true });
    else meeting.says(stable, { utterance, tentative });
  };
  // A timer that a busy computer delays sends what is due since the last one, so that the rate holds.
  const startedAt = performance.now();
  const timer = setInterval(() => {
    while (sent * EVERY_MS < performance.now() - startedAt) update();
  }, EVERY_MS);
  return { sent: () => sent, stop: () => clearInterval(timer) };
}

export interface Watched {
  watched(): {
    utterances: number;
    shrunk: string[];
    /** Of JavaScript's memory, what is in use. */
    heapBytes: number;
  };
}

/** Runs in the page. */
export function watchCaptions(): void {
  // Whether or not anything has changed, so that none is left out.
  const frame = () => void requestAnimationFrame(frame);
  frame();

  const counts = new Map<string, number>();
  const shrunk: string[] = [];
  const root = document.querySelector('booth-captions')?.shadowRoot;
  const count = () => {
    // Of those before it, lines leave above.
    const newest = [...(root?.querySelectorAll<HTMLElement>('.row') ?? [])].at(-1);
    if (!newest) return;
    const id = newest.dataset.utterance ?? '';
    const words = (newest.textContent ?? '').split(/\s+/).filter(Boolean).length;
    if (words < (counts.get(id) ?? 0)) shrunk.push(`${id}: ${counts.get(id)} to ${words}`);
    counts.set(id, words);
  };
  if (root) new MutationObserver(count).observe(root, { childList: true, characterData: true, subtree: true });

  const bytes = () => {
    (globalThis as { gc?: () => void }).gc?.();
    return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
  };
  (globalThis as unknown as Watched).watched = () => ({
    utterances: counts.size,
    shrunk,
    heapBytes: bytes(),
  });
}

/** Runs in the page: of each text with a colour of its own, the contrast over white and over black. */
export function contrastsIn(): { text: string; contrast: number }[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const root = document.querySelector('booth-captions')?.shadowRoot;
  const ground = root?.querySelector('.box');
  if (!canvas || !root || !ground) return [];
  const painted = (...colours: string[]) => {
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    const linear = [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    const [red = 0, green = 0, blue = 0] = linear;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const paper = getComputedStyle(ground).backgroundColor;
  return [...root.querySelectorAll('.name, .line, .tentative, .controls button')].flatMap((element) =>
    ['#fff', '#000'].map((video) => {
      const behind = painted(video, paper);
      const text = painted(getComputedStyle(element).color);
      const [light, dark] = [Math.max(behind, text), Math.min(behind, text)];
      return { text: `${element.className} on ${video}`, contrast: (light + 0.05) / (dark + 0.05) };
    }),
  );
}
