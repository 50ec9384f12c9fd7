/** How wide a text is on this screen, in the font of an element. */
export type Measure = (text: string) => number;

/** Shaping differs by a little between a canvas and a line of text. */
const SLACK = 1.02;

export function textMeasureOf(element: Element): Measure {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return () => 0;
  context.font = getComputedStyle(element).font;
  return (text) => context.measureText(text).width * SLACK;
}
