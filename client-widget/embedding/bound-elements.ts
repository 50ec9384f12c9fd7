/**
 * The `<booth-captions>` and `<booth-channels>` of a page: those that it gives, and those that are in its document, whenever they come. An
 * element that leaves stays bound for a second, because frameworks take elements out and put them in again. One that joins a room by
 * itself (`room`) is left alone.
 */
import type { Clock } from '../../time/clock.ts';

export type BoundName = 'booth-captions' | 'booth-channels';
const names: readonly BoundName[] = ['booth-captions', 'booth-channels'];

const RELEASE_MS = 1_000;

interface BoundElementsOptions {
  root: ParentNode & Node;
  /** The element to bind, null for none; undefined: all in the document. */
  given: Readonly<Record<BoundName, HTMLElement | null | undefined>>;
  clock: Clock;
  /** Makes sure that an element of this name is, or will be, defined. */
  define(name: BoundName): void;
  bind(element: HTMLElement, name: BoundName): void;
  release(element: HTMLElement, name: BoundName): void;
  /** Something in the document has changed. */
  rendered(): void;
}

export class BoundElements {
  readonly #options: BoundElementsOptions;
  readonly #bound = new Map<HTMLElement, BoundName>();
  /** Timers of elements that have left. */
  readonly #leaving = new Map<HTMLElement, () => void>();
  readonly #awaited = new Set<BoundName>();
  readonly #observer: MutationObserver;
  #closed = false;

  constructor(options: BoundElementsOptions) {
    this.#options = options;
    this.#observer = new MutationObserver(() => {
      this.#reconcile();
      options.rendered();
    });
    this.#observer.observe(options.root, { childList: true, subtree: true });
    // The elements of a page's own module may not stand in the document yet: the page finishes what it is doing first.
    queueMicrotask(() => this.#reconcile());
  }

  get elements(): ReadonlyMap<HTMLElement, BoundName> {
    return this.#bound;
  }

  close(): void {
    this.#closed = true;
    this.#observer.disconnect();
    for (const cancel of this.#leaving.values()) cancel();
    for (const [element, name] of this.#bound) this.#options.release(element, name);
    this.#bound.clear();
  }

  #reconcile(): void {
    if (this.#closed) return;
    const present = new Map(names.flatMap((name) => this.#find(name).map((element) => [element, name] as const)));
    for (const [element, name] of present) this.#bind(element, name);
    for (const element of this.#bound.keys()) if (!present.has(element)) this.#leave(element);
  }

  #find(name: BoundName): HTMLElement[] {
    const { root, given } = this.#options;
    const element = given[name];
    if (element === null) return [];
    const found = element ? [element] : [...root.querySelectorAll<HTMLElement>(name)];
    return element ? found : found.filter((each) => !each.hasAttribute('room') && !(each as { room?: unknown }).room);
  }

  #bind(element: HTMLElement, name: BoundName): void {
    this.#leaving.get(element)?.();
    this.#leaving.delete(element);
    if (this.#bound.has(element)) return;
    if (customElements.get(name)) {
      // One that was made before its definition came, and is not in the document, is upgraded by nobody else.
      customElements.upgrade(element);
      this.#bound.set(element, name);
      this.#options.bind(element, name);
    } else this.#await(name);
  }

  #await(name: BoundName): void {
    if (this.#awaited.has(name)) return;
    this.#awaited.add(name);
    this.#options.define(name);
    void customElements.whenDefined(name).then(() => this.#reconcile());
  }

  #leave(element: HTMLElement): void {
    if (this.#leaving.has(element)) return;
    const release = () => {
      const name = this.#bound.get(element);
      this.#leaving.delete(element);
      this.#bound.delete(element);
      if (name) this.#options.release(element, name);
    };
    this.#leaving.set(element, this.#options.clock.after(RELEASE_MS, release));
  }
}
