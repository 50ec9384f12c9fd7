/**
 * The originals that a page plays by itself, to be lowered while their translation sounds. Their elements are asked for again whenever the
 * page is rendered, because frameworks make elements anew.
 */
import type { LanguageCode } from '@mediasoup-booth/protocol';
import type { Original } from '../channels/attached-playback.ts';
import type { ConsumerLike } from './published-role.ts';

/** Returns the element that plays an original; nothing as long as there is none. */
export type ElementGetter = () => HTMLMediaElement | null | undefined;

interface Registered {
  speaker: string;
  consumer: ConsumerLike;
  element: ElementGetter;
  speaks: LanguageCode | undefined;
}

export class Originals {
  readonly #registered = new Map<ConsumerLike, Registered>();

  add(original: Registered): void {
    this.#registered.set(original.consumer, original);
  }

  /** @returns whether it was there */
  remove(consumer: ConsumerLike): boolean {
    return this.#registered.delete(consumer);
  }

  /** @returns whether anything of this speaker was there */
  removeSpeaker(speaker: string): boolean {
    const consumers = [...this.#registered.values()].filter((original) => original.speaker === speaker);
    for (const { consumer } of consumers) this.#registered.delete(consumer);
    return consumers.length > 0;
  }

  /** Whether a speaker is there whose element is not. */
  lacksElement(speaker: string): boolean {
    return [...this.#registered.values()].some((original) => original.speaker === speaker && !original.element());
  }

  /** @param spoken what a speaker is known to speak, where the page does not say it */
  described(spoken: ReadonlyMap<string, LanguageCode>): Original[] {
    return [...this.#registered.values()].flatMap(({ speaker, consumer: { rtpReceiver }, element: getter, speaks }) => {
      const element = getter();
      if (!(element instanceof HTMLMediaElement)) return [];
      const language = speaks ?? spoken.get(speaker) ?? null;
      return { speaker, language, element, receivers: rtpReceiver ? [rtpReceiver] : [] };
    });
  }
}
