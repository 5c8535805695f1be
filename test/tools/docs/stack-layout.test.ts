import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StackGraph } from '../../../tools/docs/stack-graph.ts';
import { type Box, layOut } from '../../../tools/docs/stack-layout.ts';

/** Graphs of up to some dozen nodes in up to six groups, with circles, and arrows that go back or far. */
const graphs: fc.Arbitrary<StackGraph> = fc
  .record({
    groups: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 14 }),
    pairs: fc.uniqueArray(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 24, selector: (pair) => pair.join() }),
  })
  .map(({ groups, pairs }) => ({
    nodes: groups.map((group, n) => ({ id: `n${n}`, group: `G${group}`, name: 'Name', service: 'Service', count: 1 })),
    arrows: pairs
      .filter(([from, to]) => from !== to && from < groups.length && to < groups.length)
      .map(([from, to]) => ({ from: `n${from}`, to: `n${to}`, label: 'sends' })),
  }));

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The boxes of a line's segments, as thin as they are. */
function segments(points: readonly (readonly [number, number])[]): Box[] {
  return points.slice(1).map(([x, y], index) => {
    const [fromX, fromY] = points[index]!;
    const [left, top] = [Math.min(x, fromX), Math.min(y, fromY)];
    return { x: left, y: top, width: Math.abs(x - fromX), height: Math.abs(y - fromY) };
  });
}

describe('layOut', () => {
  it('lets no node, and no construct, lie on another, and all lie on the page', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { width, height, groups, nodes } = layOut(graph);
        for (const boxes of [groups, nodes] as readonly (readonly Box[])[]) {
          for (const [index, box] of boxes.entries()) {
            expect(boxes.slice(index + 1).some((other) => overlap(box, other))).toBe(false);
            expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true);
          }
        }
      }),
    );
  });

  it('puts each node into its construct', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { groups, nodes } = layOut(graph);
        for (const { node, x, y, width, height } of nodes) {
          const group = groups.find(({ name }) => name === node.group)!;
          expect(x >= group.x && x + width <= group.x + group.width).toBe(true);
          expect(y >= group.y && y + height <= group.y + group.height).toBe(true);
        }
      }),
    );
  });

  it('leads each arrow with right angles from its node to the other, through no node', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { nodes, arrows } = layOut(graph);
        expect(arrows).toHaveLength(graph.arrows.length);
        for (const { arrow, points } of arrows) {
          const box = (id: string) => nodes.find(({ node }) => node.id === id)!;
          const [from, to, start, end] = [box(arrow.from), box(arrow.to), points[0]!, points.at(-1)!];
          expect(start[0]).toBe(from.x + from.width);
          expect([to.x, to.x + to.width]).toContain(end[0]);
          expect(end[1] > to.y && end[1] < to.y + to.height).toBe(true);
          for (const segment of segments(points)) {
            expect(segment.width === 0 || segment.height === 0).toBe(true);
            expect(nodes.some((node) => overlap(node, { ...segment, height: segment.height + 0.01 }))).toBe(false);
          }
        }
      }),
    );
  });
});
