import { gunzipSync } from 'node:zlib';

/** The store of the naive handler. */
export interface NaiveStore {
  add(src: string, dst: string, bytes: number, rejects: number): Promise<{ bytes: number; rejects: number }>;
}

interface NaiveEvent {
  readonly records: readonly { readonly recordId: string; readonly data: string }[];
}

/** The fixed limits of a counter, as in many blog posts. */
const limits = { bytes: 1_000_000_000, rejects: 10 };

/**
 * Creates a handler as in many blog posts: it parses JSON and splits lines at the blanks. It adds up pairs in a map and in
 * the store, compares them with two limits, and returns the flows as JSON. It has no rule language and no windows, and
 * counts a retried batch twice.
 *
 * @param fields the flow log's field names, in their order
 */
export function naiveHandler(fields: readonly string[], store: NaiveStore) {
  return async ({ records }: NaiveEvent) => {
    const pairs = new Map<string, { bytes: number; rejects: number }>();
    const answers = records.map(({ recordId, data }) => {
      const flows = linesOf(Buffer.from(data, 'base64')).map((line) => {
        const values = line.split(' ');
        const flow: Record<string, string | number | null> = {};
        for (const [index, name] of fields.entries()) flow[name.replaceAll('-', '_')] = readValue(name, values[index]!);
        const pair = `${flow.srcaddr} ${flow.dstaddr}`;
        const sums = pairs.get(pair) ?? { bytes: 0, rejects: 0 };
        pairs.set(pair, sums);
        if (flow.action === 'ACCEPT') sums.bytes += Number(flow.bytes);
        else if (flow.action === 'REJECT') sums.rejects += 1;
        return flow;
      });
      const text = flows.map((flow) => `${JSON.stringify(flow)}\n`).join('');
      return { recordId, result: 'Ok', data: Buffer.from(text).toString('base64') };
    });
    const alerts: string[] = [];
    const updates = [...pairs].map(async ([pair, sums]) => {
      const [src, dst] = pair.split(' ') as [string, string];
      const { bytes, rejects } = await store.add(src, dst, sums.bytes, sums.rejects);
      if (bytes > limits.bytes || rejects > limits.rejects) alerts.push(pair);
    });
    await Promise.all(updates);
    return { records: answers, alerts };
  };
}

function linesOf(payload: Buffer): string[] {
  if (payload[0] === 0x1f) {
    const { logEvents } = JSON.parse(gunzipSync(payload).toString()) as { logEvents: { message: string }[] };
    return logEvents.map(({ message }) => message);
  }
  return [(JSON.parse(payload.toString()) as { message: string }).message];
}

function readValue(name: string, text: string): string | number | null {
  if (text === '-') return null;
  return /^\d+$/.test(text) && !name.endsWith('-id') ? Number(text) : text;
}
