import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { FlowError } from '../../common/errors.ts';
import type { DeltaColumns } from '../columns/column-layout.ts';
import { invalidPage } from './byte-reader.ts';
import { maxPageRows } from './page-codes.ts';
import { readPageContent } from './read-page-content.ts';
import { pageContent } from './write-page-content.ts';

/** The format of the pages that this release writes; the first byte of a page. */
export const pageVersion = 1;

/** The most bytes of a page's content. */
const maxContentBytes = 16 * 1024 * 1024; // an item has 400 KB, and deflate halves a usual page

/**
 * Packs columns into a page: the version, then the deflated content. The page has the table of its series.
 *
 * @throws FlowError `PAGE_INVALID` if the columns have more rows than a page may have
 */
export function packPage(columns: DeltaColumns): Uint8Array {
  if (columns.pks.length > maxPageRows) {
    throw new FlowError(
      'PAGE_INVALID',
      `the journal page is invalid: got ${columns.pks.length} rows, expected at most ${maxPageRows}; cut the rows into several pages`,
    );
  }
  const sections = pageContent(columns);
  const last = sections.length - 1;
  const deflated = sections.map((section, index) => {
    // A section that is flushed and not finished has no end mark, so the sections are one stream.
    const finishFlush = index === last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    return deflateRawSync(section, { finishFlush });
  });
  return Buffer.concat([Uint8Array.of(pageVersion), ...deflated]);
}

/**
 * Packs columns into a page that can be unpacked. Returns undefined if the page would be longer than `maxBytes`, or have
 * more content than a reader accepts: text that repeats packs a thousandfold, and a page that nobody reads holds its lane.
 */
export function packReadable(columns: DeltaColumns, maxBytes: number): Uint8Array | undefined {
  try {
    const bytes = packPage(columns);
    if (bytes.length > maxBytes) return undefined;
    if (!isSmall(columns)) unpackPage(bytes);
    return bytes;
  } catch (error) {
    if (error instanceof FlowError && error.code === 'PAGE_INVALID') return undefined;
    throw error;
  }
}

/** The most entries, and characters, of columns that any reader accepts: a row has some ten numbers of 20 bytes at most. */
const smallEntries = 2 ** 15;
const smallCharacters = 2 ** 20;
const smallSeries = 1000;

/** Returns whether columns are far below what a reader accepts, as those of a usual page: to unpack these takes a third of the time. */
function isSmall({ pks, fields, series, additions, evidence }: DeltaColumns): boolean {
  const entries = pks.length + additions.slot.length + evidence.flows.length + evidence.sample.length;
  if (entries + evidence.table.length > smallEntries || series.length > smallSeries) return false;
  let characters = 0;
  for (const text of [...pks, ...evidence.table]) characters += text.length;
  for (const values of additions.values.values()) for (const value of values) characters += value.length + 1;
  for (const named of fields.values()) for (const [name, value] of named) characters += name.length + value.length;
  return characters <= smallCharacters;
}

/**
 * Unpacks a page; rows are sorted by key and part.
 *
 * @throws FlowError `PAGE_VERSION` if a later release wrote the page, `PAGE_INVALID` if the page is damaged
 */
export function unpackPage(bytes: Uint8Array): DeltaColumns {
  const [version] = bytes;
  if (version === undefined) throw invalidPage('got no bytes, expected a version and content');
  if (version !== pageVersion) {
    throw new FlowError(
      'PAGE_VERSION',
      `the journal page is invalid: got version ${version}, expected ${pageVersion}; ` +
        'keep the page and deploy the release that wrote it, or a later release',
    );
  }
  return readPageContent(inflated(bytes.subarray(1)));
}

function inflated(bytes: Uint8Array): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxContentBytes });
  } catch (error) {
    throw invalidPage(`its ${bytes.length} bytes cannot be inflated, expected at most ${maxContentBytes} bytes`, error);
  }
}
