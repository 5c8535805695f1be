import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StackTemplate, stackGraph } from './stack-graph.ts';
import { layOut, type PlacedArrow, type PlacedGroup, type PlacedNode } from './stack-layout.ts';

const root = join(import.meta.dirname, '../..');

/** The names of the constructs: the classes that lib/ exports. */
export function constructNames(): string[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(root, 'lib', file), 'utf8').matchAll(/^export class (\w+)/gm)])
    .map(([, name]) => name!)
    .sort();
}

/** Draws a template. Text of it is shown as text, whatever it holds. */
export function pictureOf(template: StackTemplate, constructs: readonly string[]): string {
  const { width, height, groups, nodes, arrows } = layOut(stackGraph(template, constructs));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    '<!-- Written by `npm run docs` of the template: change that, and run it again. -->',
    '<title id="title">What is deployed, by construct, and who sends to whom</title>',
    `<style>${style}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>',
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...groups.map(groupMarkup),
    ...nodes.map(nodeMarkup),
    ...arrows.map(lineMarkup),
    ...arrows.map(labelMarkup),
    '</svg>',
    '',
  ].join('\n');
}

/** Colours by light and dark of whoever looks, and fonts that are everywhere. */
const style = [
  'text{font-family:sans-serif;font-size:13px;fill:#1f2328}',
  '.small{font-size:11px;fill:#59636e}',
  '.name{font-weight:bold}',
  '.page{fill:#ffffff}',
  '.group{fill:#f6f8fa;stroke:#d1d9e0}',
  '.node{fill:#ffffff;stroke:#59636e}',
  '.line{fill:none;stroke:#0969da;stroke-width:1.5}',
  '.tip{fill:#0969da}',
  '@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.small{fill:#9198a1}.page{fill:#0d1117}.group{fill:#151b23;stroke:#3d444d}',
  '.node{fill:#0d1117;stroke:#9198a1}.line{stroke:#4493f8}.tip{fill:#4493f8}}',
].join('');

function groupMarkup({ name, x, y, width, height }: PlacedGroup): string {
  const box = `<rect class="group" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`;
  return name === '' ? box : `${box}<text class="name" x="${x + 12}" y="${y + 19}">${escaped(name)}</text>`;
}

function nodeMarkup({ node, x, y, width, height }: PlacedNode): string {
  const many = node.count > 1 ? ` × ${node.count}` : '';
  const middle = y + height / 2;
  return [
    `<rect class="node" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>`,
    `<text x="${x + 10}" y="${middle - 2}">${escaped(node.name)}${many}</text>`,
    `<text class="small" x="${x + 10}" y="${middle + 13}">${escaped(node.service)}</text>`,
  ].join('');
}

function lineMarkup({ points }: PlacedArrow): string {
  const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x} ${rounded(y)}`).join('');
  return `<path class="line" marker-end="url(#tip)" d="${path}"/>`;
}

function labelMarkup({ arrow, label: [x, y] }: PlacedArrow): string {
  return arrow.label === '' ? '' : `<text class="small" x="${x}" y="${rounded(y)}">${escaped(arrow.label)}</text>`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
