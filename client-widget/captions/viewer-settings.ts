/** What a viewer chose for captions, on every page of this origin. A storage that refuses is one that is empty. */
const KEY = 'booth.captions';

export type Place = 'bottom' | 'top';

export interface Viewer {
  /** Percent, from 100 to 200. */
  size?: number;
  place?: Place;
}

export const clampedSize = (size: number): number => Math.min(Math.max(Number(size) || 100, 100), 200);

/** Throws where the page may not have one, as in a sandboxed frame. */
type StorageOf = () => Pick<Storage, 'getItem' | 'setItem'>;
const ofPage: StorageOf = () => localStorage;

export function remembered(storageOf: StorageOf = ofPage): Viewer {
  try {
    const { size, place } = JSON.parse(storageOf().getItem(KEY) ?? '{}');
    return {
      ...(size && { size: clampedSize(size) }),
      ...((place === 'top' || place === 'bottom') && { place }),
    };
  } catch {
    return {};
  }
}

export function remember(viewer: Viewer, storageOf: StorageOf = ofPage): void {
  try {
    storageOf().setItem(KEY, JSON.stringify(viewer));
  } catch {
    // Private windows and full disks: the viewer chooses again next time.
  }
}
