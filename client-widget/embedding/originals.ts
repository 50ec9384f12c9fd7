/**
 * The originals that a page plays by itself, to be lowered while their translation sounds, and what is delayed with them: the pictures of
 * who speaks. Their elements are asked for again whenever the page is rendered, because frameworks make elements anew.
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

  /** @param original without a getter, the element of the document that plays the consumer's track is looked for */
  add({ element, ...original }: Omit<Registered, 'element'> & { element: ElementGetter | undefined }): void {
    const { consumer } = original;
    this.#registered.set(consumer, { ...original, element: element ?? (() => elementThatPlays(consumer.track)) });
  }

  remove(consumer: ConsumerLike): void {
    this.#registered.delete(consumer);
  }

  removeSpeaker(speaker: string): void {
    for (const { consumer } of this.#ofSpeaker(speaker)) this.#registered.delete(consumer);
  }

  /** Whether a speaker is there whose element is not. */
  lacksElement(speaker: string): boolean {
    return this.#sounds().some((original) => original.speaker === speaker && !original.element());
  }

  /** @param spoken what a speaker is known to speak, where the page does not say it */
  described(spoken: ReadonlyMap<string, LanguageCode>): Original[] {
    return this.#sounds().flatMap(({ speaker, consumer, element: getter, speaks }) => {
      const element = getter();
      if (!(element instanceof HTMLMediaElement)) return [];
      const language = speaks ?? spoken.get(speaker) ?? null;
      const pictures = this.#ofSpeaker(speaker).filter((original) => isPicture(original));
      const receivers = [consumer, ...pictures.map((picture) => picture.consumer)].flatMap(
        ({ rtpReceiver }) => rtpReceiver ?? [],
      );
      return { speaker, language, element, receivers };
    });
  }

  #sounds(): Registered[] {
    return [...this.#registered.values()].filter((original) => !isPicture(original));
  }

  #ofSpeaker(speaker: string): Registered[] {
    return [...this.#registered.values()].filter((original) => original.speaker === speaker);
  }
}

/** Finds the element of the document that plays a track. Of several it is one that sounds: an application may have pictures and sound of one stream in two elements. */
function elementThatPlays(track: MediaStreamTrack): HTMLMediaElement | undefined {
  const all = [...document.querySelectorAll<HTMLMediaElement>('audio, video')];
  const playing = all.filter(
    ({ srcObject }) => srcObject instanceof MediaStream && srcObject.getTracks().includes(track),
  );
  return playing.find(({ muted }) => !muted) ?? playing[0];
}

const isPicture = ({ consumer }: Registered): boolean => consumer.kind === 'video';
