import { readQuantities } from '../../../lambda/common/quantity.ts';

/** Reads data of the page, which is packed where there is much of it: see report-html.ts. */
export async function readData(id: string): Promise<unknown> {
  const { dataset, textContent } = document.getElementById(id)!;
  if (dataset.packed === undefined) return exactJson(textContent!);
  const packed = Uint8Array.from(atob(textContent!), (char) => char.charCodeAt(0));
  return exactJson(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))).text());
}

/** JSON with all digits of its whole numbers. To look at each takes ten times as long: only where some may be long. */
function exactJson(text: string): unknown {
  const mayBeLong = /[:,[]\d{16,}[,}\]]/.test(text);
  return mayBeLong ? JSON.parse(text, readQuantities as never) : JSON.parse(text);
}
