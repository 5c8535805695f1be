import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { writeQuantities } from '../../lambda/common/quantity.ts';
import { writeAddressColumns } from './page/address-columns.ts';
import { writePairColumns } from './page/pair-columns.ts';
import type { ReportData } from './page/report-data.ts';

const page = join(import.meta.dirname, 'page');

/** Returns a report as one self-contained HTML page, which needs no server, network or other file. */
export async function reportHtml({ alerts, pairs, hosts, known, ...rest }: ReportData): Promise<string> {
  const [style, script] = await Promise.all(['page.css', 'main.ts'].map(bundled));
  const pairColumns = writePairColumns(pairs);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script!)}`,
    `style-src-elem ${hashOf(style!)}`,
    // Charts set the font of their text with an attribute.
    "style-src-attr 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="robots" content="noindex">',
    '<title>flow-sentinel report</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<noscript><p>This report needs JavaScript, which this program does not run. Open it in a web browser; it needs no network.</p></noscript>',
    dataElement('report-data', rest),
    dataElement('report-alerts', alerts),
    dataElement('report-pairs', pairColumns),
    dataElement('report-hosts', hosts),
    ...(known ? [dataElement('report-addresses', writeAddressColumns(known, pairColumns.addresses))] : []),
    `<script type="module">${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Maximum length of JSON that is embedded as plain text, which other programs can read. */
const maxPlainCharacters = 1_000_000;

/** Returns an element with data for the script. Long data is compressed, so that e-mail accepts the file. */
function dataElement(id: string, data: unknown): string {
  const json = jsonInHtml(data);
  if (json.length <= maxPlainCharacters) return `<script type="application/json" id="${id}">${json}</script>`;
  return `<script type="text/plain" id="${id}" data-packed="gzip base64">${gzipSync(json).toString('base64')}</script>`;
}

/** Returns JSON that is safe within an HTML element, for any texts. */
export function jsonInHtml(data: unknown): string {
  return JSON.stringify(data, writeQuantities).replace(/[<>&\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Bundles a file of the page with its imports. */
async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(page, file)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'eof',
    // The one function that the page's code needs from Node.js.
    alias: { 'node:net': join(page, 'is-ipv6.ts') },
    logLevel: 'silent',
  });
  return outputFiles[0]!.text.trim();
}

/** Returns the source expression for the content of an element (CSP Level 3, section 8.5). */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
