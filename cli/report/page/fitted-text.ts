import { chartText } from './chart.ts';

/** Shortens a text of a chart in the middle to a width in pixels, since both ends identify an address. */
export function fitted(text: string, maxWidth: number): string {
  let shown = text;
  for (let half = Math.min(22, Math.floor(text.length / 2)); textWidth(shown) > maxWidth && half > 2; half -= 1) {
    shown = `${text.slice(0, half)}…${text.slice(-half)}`;
  }
  return shown;
}

const measure = document.createElement('canvas').getContext('2d')!;

/** Returns the width of a bold text of a chart, in pixels. */
export function textWidth(text: string): number {
  measure.font = `bold ${chartText.fontSize}px ${getComputedStyle(document.body).fontFamily}`;
  return measure.measureText(text).width;
}
