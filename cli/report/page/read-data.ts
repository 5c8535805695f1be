import { readQuantities } from '../../../lambda/common/quantity.ts';

/** Reads embedded data of the page, which is compressed if it is long: see report-html.ts. Undefined if the page has none. */
export async function readData(id: string): Promise<unknown> {
  const found = document.getElementById(id);
  if (!found) return undefined;
  const { dataset, textContent } = found;
  if (dataset.packed === undefined) return exactJson(textContent!);
  const packed = Uint8Array.from(atob(textContent!), (char) => char.charCodeAt(0));
  return exactJson(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).text());
}

/** Parses JSON with all digits of integers. The reviver takes ten times as long, so it runs only for long integers. */
function exactJson(text: string): unknown {
  const hasLongIntegers = /[:,[]\d{16,}[,}\]]/.test(text);
  return hasLongIntegers ? JSON.parse(text, readQuantities as never) : JSON.parse(text);
}
