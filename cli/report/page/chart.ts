import { BarChart, GraphChart } from 'echarts/charts';
import { BrushComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { printable } from '../../../lambda/common/text.ts';
import { element } from './element.ts';

use([BarChart, GraphChart, GridComponent, TooltipComponent, BrushComponent, SVGRenderer]);

export type Chart = EChartsType;

/** Refers to a colour of the page, so that charts follow light, dark and print styles without a redraw. */
export const colour = (name: string) => `var(--${name})`;

export const chartText = { color: colour('muted'), fontSize: 12, fontFamily: 'inherit' };

/** Style of a tooltip; its content consists of elements, never of markup. */
export const tooltipLook = {
  confine: true,
  className: 'tooltip',
  backgroundColor: colour('raised'),
  borderColor: colour('line'),
  padding: [6, 10],
  textStyle: { color: colour('text'), fontSize: 12, fontFamily: 'inherit' },
  extraCssText: 'box-shadow: none; white-space: normal;',
};

/** Makes the content of a tooltip: a title and labelled values. */
export function tooltipRows(title: string, rows: readonly (readonly [label: string, value: string])[]): HTMLElement {
  const list = rows.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, printable(value))]);
  return element('div', {}, element('strong', {}, printable(title)), element('dl', {}, ...list));
}

/** Makes the container of a chart, an image for assistive technology. @param height in pixels */
export function chartBox(height: number): HTMLElement {
  const box = element('div', { class: 'chart', role: 'img' });
  box.style.height = `${height}px`;
  return box;
}

type Option = Parameters<Chart['setOption']>[0];

/** Content of a chart. */
export interface Drawing {
  /** @param width width of the container, in pixels */
  readonly option: (width: number) => Option;
  /** Description of the chart in words. */
  readonly summary: string;
  /** Called when the chart has been created. */
  readonly ready?: (chart: Chart) => void;
}

const drawings = new Map<Element, { drawing: Drawing; chart?: Chart }>();
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) redraw(target as HTMLElement);
});

/** Draws a chart, or redraws an existing one, as soon as its container is in the page. */
export function draw(box: HTMLElement, drawing: Drawing): void {
  const known = drawings.get(box);
  drawings.set(box, { ...known, drawing });
  box.setAttribute('aria-label', printable(drawing.summary));
  if (known) redraw(box);
  else resized.observe(box);
}

/** Fits all charts immediately to the width of the paper or the window. */
export function fitCharts(): void {
  for (const box of drawings.keys()) {
    redraw(box as HTMLElement);
    drawings.get(box)?.chart?.getZr().flush();
  }
}

function redraw(box: HTMLElement): void {
  const { drawing, chart: known } = drawings.get(box)!;
  if (box.clientWidth === 0) {
    if (known && !box.isConnected) forget(box, known);
    return;
  }
  const chart = known ?? init(box, undefined, { renderer: 'svg' });
  chart.resize();
  const option = { animation: false, useUTC: true, textStyle: chartText, ...drawing.option(box.clientWidth) };
  chart.setOption(option, { notMerge: true });
  if (known) return;
  drawings.set(box, { drawing, chart });
  drawing.ready?.(chart);
}

/** Releases a chart whose container has left the page. */
function forget(box: HTMLElement, chart: Chart): void {
  resized.unobserve(box);
  drawings.delete(box);
  chart.dispose();
}
