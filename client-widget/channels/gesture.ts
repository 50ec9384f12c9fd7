/** Browsers let nothing sound before a gesture: one anywhere on the page will do. */
const gestures = ['pointerup', 'keydown'] as const;

export function listenForGesture(wanted: boolean, listener: () => void): void {
  for (const gesture of gestures) {
    if (wanted) document.addEventListener(gesture, listener);
    else document.removeEventListener(gesture, listener);
  }
}
