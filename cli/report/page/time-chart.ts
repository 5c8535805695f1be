import { type Bins, binsOf, type Range } from './bins.ts';
import { type Chart, chartBox, colour, type Drawing, draw } from './chart.ts';
import { type Child, element, replaceChildren } from './element.ts';
import { barText } from './time-axis.ts';
import { medianWithin } from './zoom.ts';
import { zoomBar } from './zoom-bar.ts';

/** A touch gesture on the chart scrolls the page, so it does not select. */
const isTouch = matchMedia('(pointer: coarse)').matches;

/** Content of a chart over time. */
export interface TimeDrawing {
  /** Length of the shortest bar, in seconds (default: a minute). */
  readonly minSeconds?: number;
  /** @param width width of the chart, in pixels */
  readonly option: (bins: Bins, width: number) => object;
  /** Description of the chart in words. */
  readonly summary: (bins: Bins) => string;
  /** The times of the data, in epoch seconds: zooming in keeps their median in the middle. */
  readonly times: Iterable<number>;
  /** Further text of the caption. */
  readonly caption?: (bins: Bins) => readonly Child[];
}

/** A chart over time, in which the pointer, buttons and keys select a range. */
export interface TimeChart {
  readonly element: HTMLElement;
  /** Draws a range of time. */
  update(shown: Range, drawing: TimeDrawing): void;
}

/** Properties of a chart over time. */
export interface TimeChartOptions {
  /** The chart in words. */
  readonly name: string;
  /** In pixels. */
  readonly height: number;
  readonly maxBars: number;
  /** Range of all data. */
  readonly whole: Range;
  /** Receives the selected range; undefined for the whole. */
  readonly choose: (range: Range | undefined) => void;
}

/** Makes a chart over time. */
export function timeChart({ name, height, maxBars, whole, choose }: TimeChartOptions): TimeChart {
  const box = chartBox(height);
  const caption = element('figcaption');
  const zoom = zoomBar(name, whole, choose);
  let bins = binsOf(whole, maxBars);
  return {
    element: element('figure', {}, box, zoom.element, caption),
    update(shown, drawing) {
      bins = binsOf(shown, maxBars, drawing.minSeconds);
      const drawn = bins;
      zoom.show(shown, medianWithin(drawing.times, shown));
      replaceChildren(
        caption,
        element('span', {}, barText(drawn)),
        ...(drawing.caption?.(drawn) ?? []),
        element('span', { class: 'hint' }, `${isTouch ? 'Tap a bar' : 'Click a bar, or drag over several,'} to zoom.`),
      );
      const content: Drawing = {
        option: (width) => ({ ...brushOption, ...drawing.option(drawn, width) }),
        summary: drawing.summary(drawn),
        ready: (chart) => listen(chart, () => bins, choose),
      };
      draw(box, content);
    },
  };
}

const brushOption = {
  brush: {
    xAxisIndex: 'all' as const,
    transformable: false,
    brushStyle: { color: colour('hover'), borderColor: colour('accent'), borderWidth: 1 },
    outOfBrush: { colorAlpha: 1 },
  },
};

function listen(chart: Chart, binsNow: () => Bins, choose: (chosen: Range) => void): void {
  const chosen = (first: number, last: number) => {
    const { starts, seconds } = binsNow();
    const bar = (index: number) => starts[Math.min(starts.length - 1, Math.max(0, Math.round(index)))]!;
    choose({ from: bar(first), to: bar(last) + seconds });
  };
  const brush = { type: 'takeGlobalCursor', key: 'brush', brushOption: { brushType: 'lineX', brushMode: 'single' } };
  // A new option resets the cursor.
  if (!isTouch) chart.on('finished', () => chart.dispatchAction(brush));
  chart.on('brushEnd', (event) => {
    const [area] = (event as { areas?: { coordRange?: [number, number] }[] }).areas ?? [];
    if (area?.coordRange) chosen(...area.coordRange);
  });
  chart.getZr().on('click', ({ offsetX, offsetY }) => {
    const grids = (chart.getOption() as { grid: readonly unknown[] }).grid.keys();
    if (![...grids].some((gridIndex) => chart.containPixel({ gridIndex }, [offsetX, offsetY]))) return;
    const index = chart.convertFromPixel({ xAxisIndex: 0 }, offsetX) as unknown as number;
    chosen(index, index);
  });
}
