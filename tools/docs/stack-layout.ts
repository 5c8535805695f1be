import type { StackArrow, StackGraph, StackNode } from './stack-graph.ts';

/** A rectangle, in pixels from the top left. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedGroup extends Box {
  readonly name: string;
}

export interface PlacedNode extends Box {
  readonly node: StackNode;
}

/** An arrow as a line with right angles, from its first point to its last. */
export interface PlacedArrow {
  readonly arrow: StackArrow;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Where its label stands: the left end of its base line. */
  readonly label: readonly [x: number, y: number];
}

export interface StackLayout {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly PlacedGroup[];
  readonly nodes: readonly PlacedNode[];
  readonly arrows: readonly PlacedArrow[];
}

const margin = 24;
const nodeWidth = 176;
const leastHeight = 44;
const nodeGap = 12;
const padding = 12;
const titleHeight = 24;
const groupGap = 20;
/** Between lines that run side by side; and what an arrow has for its label before it ends. */
const lane = 12;
const labelWidth = 78;
const groupWidth = nodeWidth + 2 * padding;

/**
 * Puts groups into columns, each to the right of those that send to it as far as there is no circle, and leads arrows with right
 * angles through the gaps between the columns; those that go further, or back, run below everything. The same graph is
 * always laid out in the same way.
 */
export function layOut({ nodes, arrows }: StackGraph): StackLayout {
  const groups = [...new Set(nodes.map(({ group }) => group))];
  const column = columnsOf(groups, nodes, arrows);
  const columns = Math.max(0, ...column.values()) + 1;
  const columnOf = (id: string) => column.get(nodes.find((node) => node.id === id)!.group)!;
  const ports = portsOf(arrows, columnOf);
  // The gap to the right of column n is gap n + 1; gap 0 is to the left of all.
  const gaps = lanesOf(arrows, columnOf);
  const xs: number[] = [];
  let x = margin + gapWidth(gaps.get(0) ?? 0);
  for (let n = 0; n < columns; n += 1) {
    xs.push(x);
    x += groupWidth + gapWidth(gaps.get(n + 1) ?? 0);
  }
  const placed = { groups: [] as PlacedGroup[], nodes: new Map<string, PlacedNode>() };
  for (let n = 0; n < columns; n += 1) {
    let y = margin;
    for (const name of groups.filter((group) => column.get(group) === n)) {
      const top = y;
      y += name === '' ? padding : titleHeight + padding / 2;
      for (const node of nodes.filter(({ group }) => group === name)) {
        const most = Math.max(ports.count(node.id, 'left'), ports.count(node.id, 'right'));
        const height = Math.max(leastHeight, (most + 1) * 16);
        placed.nodes.set(node.id, { node, x: xs[n]! + padding, y, width: nodeWidth, height });
        y += height + nodeGap;
      }
      placed.groups.push({ name, x: xs[n]!, y: top, width: groupWidth, height: y - nodeGap + padding - top });
      y += padding - nodeGap + groupGap;
    }
  }
  const bottom = Math.max(margin, ...placed.groups.map((group) => group.y + group.height));
  const used = new Map<number, number>();
  let below = 0;
  const takeLane = (gap: number) => {
    const taken = used.get(gap) ?? 0;
    used.set(gap, taken + 1);
    const left = gap === 0 ? margin : xs[gap - 1]! + groupWidth;
    return left + lane * (taken + 1);
  };
  const level = levels();
  const turns = turnsOf(arrows, columnOf, takeLane);
  const lines = arrows.map((arrow, index): PlacedArrow => {
    const [from, to] = [placed.nodes.get(arrow.from)!, placed.nodes.get(arrow.to)!];
    const [source, target] = [columnOf(arrow.from), columnOf(arrow.to)];
    const turn = turns[index]!;
    const [startX, endX] = [from.x + from.width, source === target ? to.x + to.width : to.x];
    const isNext = target === source || target === source + 1;
    const up = isNext ? turn : takeLane(target);
    const startY = level(ports.y(from, index, 'from'), startX, turn);
    const endY = level(ports.y(to, index, 'to'), up, endX);
    const [start, end] = [[startX, startY] as const, [endX, endY] as const];
    if (source === target) {
      const lanesEnd = xs[source]! + groupWidth + lane * (gaps.get(source + 1)! + 1);
      const text = level((startY + endY) / 2, lanesEnd, lanesEnd + labelWidth, 20, 28);
      return { arrow, points: [start, [turn, startY], [turn, endY], end], label: [lanesEnd - 8, text + 4] };
    }
    const label = [endX - padding - labelWidth + 4, endY - 4] as const;
    if (isNext) return { arrow, points: [start, [turn, startY], [turn, endY], end], label };
    below += 1;
    const floor = bottom + below * lane;
    return { arrow, points: [start, [turn, startY], [turn, floor], [up, floor], [up, endY], end], label };
  });
  return {
    width: x + margin,
    height: bottom + (below + 1) * lane + margin,
    groups: placed.groups,
    nodes: [...placed.nodes.values()],
    arrows: lines,
  };
}

/** The lane in which each arrow leaves its column; those that stay in it turn to the right of the others. */
function turnsOf(
  arrows: readonly StackArrow[],
  columnOf: (id: string) => number,
  takeLane: (gap: number) => number,
): number[] {
  const stays = ({ from, to }: StackArrow) => columnOf(from) === columnOf(to);
  const order = [...arrows.keys()].sort((a, b) => Number(stays(arrows[a]!)) - Number(stays(arrows[b]!)) || a - b);
  const turns = new Map(order.map((index) => [index, takeLane(columnOf(arrows[index]!.from) + 1)]));
  return arrows.map((_, index) => turns.get(index)!);
}

/** Finds heights at which level lines do not lie on others: the one that is wanted, or one up to `reach` pixels off. */
function levels() {
  const taken: { readonly y: number; readonly from: number; readonly to: number }[] = [];
  return (y: number, oneEnd: number, otherEnd: number, distance = 3, reach = 12): number => {
    const [from, to] = [Math.min(oneEnd, otherEnd), Math.max(oneEnd, otherEnd)];
    const isFree = (at: number) =>
      taken.every((line) => Math.abs(line.y - at) >= distance || line.to < from || line.from > to);
    const steps = Array.from({ length: reach / 4 }, (_, index) => 4 * (index + 1));
    const found = [0, ...steps.flatMap((off) => [off, -off])].map((off) => y + off).find(isFree) ?? y;
    taken.push({ y: found, from, to });
    return found;
  };
}

/** A gap has its lanes, and room for labels to their right; none of both where nothing goes through it. */
function gapWidth(lanes: number): number {
  return lanes === 0 ? groupGap : lane * (lanes + 1) + labelWidth;
}

/** The longest way from a group that nobody sends to; an arrow that closes a circle does not count. */
function columnsOf(
  groups: readonly string[],
  nodes: readonly StackNode[],
  arrows: readonly StackArrow[],
): Map<string, number> {
  const groupOf = new Map(nodes.map(({ id, group }) => [id, group]));
  const pairs = arrows.map(({ from, to }) => [groupOf.get(from)!, groupOf.get(to)!] as const);
  const next = (group: string) => pairs.filter(([from, to]) => from === group && to !== group).map(([, to]) => to);
  const column = new Map(groups.map((group) => [group, 0]));
  const push = (group: string, depth: number, path: ReadonlySet<string>) => {
    if (path.has(group)) return;
    if (depth < column.get(group)! || (depth === column.get(group)! && depth > 0)) return;
    column.set(group, depth);
    for (const one of next(group)) push(one, depth + 1, new Set([...path, group]));
  };
  const isFirst = (group: string) => !pairs.some(([from, to]) => to === group && from !== group);
  for (const group of groups.filter(isFirst)) push(group, 0, new Set());
  for (const group of groups.filter((one) => column.get(one) === 0 && !isFirst(one))) push(group, 0, new Set());
  return column;
}

type Side = 'left' | 'right';

/** Where on the side of a node arrows begin and end: one below the other. */
function portsOf(arrows: readonly StackArrow[], columnOf: (id: string) => number) {
  const sides = new Map<string, string[]>();
  const keyOf = (id: string, side: Side) => `${side} ${id}`;
  const sideOf = ({ from, to }: StackArrow, end: 'from' | 'to'): Side =>
    end === 'from' || columnOf(from) === columnOf(to) ? 'right' : 'left';
  for (const [index, arrow] of arrows.entries()) {
    for (const end of ['from', 'to'] as const) {
      const key = keyOf(arrow[end], sideOf(arrow, end));
      sides.set(key, [...(sides.get(key) ?? []), `${index} ${end}`]);
    }
  }
  return {
    count: (id: string, side: Side) => sides.get(keyOf(id, side))?.length ?? 0,
    y({ node, y, height }: PlacedNode, index: number, end: 'from' | 'to') {
      const all = sides.get(keyOf(node.id, sideOf(arrows[index]!, end)))!;
      return y + (height * (all.indexOf(`${index} ${end}`) + 1)) / (all.length + 1);
    },
  };
}

/** How many arrows run up or down in each gap. */
function lanesOf(arrows: readonly StackArrow[], columnOf: (id: string) => number): Map<number, number> {
  const lanes = new Map<number, number>();
  const take = (gap: number) => lanes.set(gap, (lanes.get(gap) ?? 0) + 1);
  for (const { from, to } of arrows) {
    const [source, target] = [columnOf(from), columnOf(to)];
    take(source + 1);
    if (target !== source && target !== source + 1) take(target);
  }
  return lanes;
}
