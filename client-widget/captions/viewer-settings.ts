/** The caption settings that a viewer chose, stored for every page of this origin. A storage that cannot be used counts as empty. */
const KEY = 'booth.captions';

export type CaptionPlacement = 'bottom' | 'top';

interface ViewerSettings {
  /** The text size in percent, from 100 to 200. */
  size?: number;
  place?: CaptionPlacement;
}

export const clampedSize = (size: number): number => Math.min(Math.max(Number(size) || 100, 100), 200);

/** Returns the storage; throws where the page may not have one, as in a sandboxed frame. */
type StorageOf = () => Pick<Storage, 'getItem' | 'setItem'>;
const ofPage: StorageOf = () => localStorage;

export function loadViewerSettings(storageOf: StorageOf = ofPage): ViewerSettings {
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

export function saveViewerSettings(viewer: ViewerSettings, storageOf: StorageOf = ofPage): void {
  try {
    storageOf().setItem(KEY, JSON.stringify(viewer));
  } catch {
    // Private windows and full disks store nothing; the viewer chooses again next time.
  }
}
