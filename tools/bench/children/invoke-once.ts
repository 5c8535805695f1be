/** Invokes the handler as Lambda's runtime does: parses the event and stringifies the response. Prints the peak memory in MB. */
import { readFileSync } from 'node:fs';

const [, , bundle, path] = process.argv as unknown as [string, string, string, string];
const { handler } = (await import(bundle)) as {
  handler: (
    event: unknown,
    context: { getRemainingTimeInMillis(): number },
  ) => Promise<{ records: { result: string }[] }>;
};
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
const answer = await handler(JSON.parse(readFileSync(path, 'utf8')), { getRemainingTimeInMillis: () => 300_000 });
const text = JSON.stringify(answer);
const results = Object.groupBy(answer.records, ({ result }) => result);
process.stdout.write = write;
process.stdout.write(
  JSON.stringify({ peak: process.resourceUsage().maxRSS / 1024, bytes: text.length, ok: results.Ok?.length ?? 0 }),
);
process.exit();
