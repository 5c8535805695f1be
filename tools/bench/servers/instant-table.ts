/**
 * Serves tables that respond to every request at once with the same item, and store nothing. The first argument is the
 * item; a second argument is an object of other items by the names of tables.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [, , item, others = '{}'] = process.argv as unknown as [string, string, string, string?];
const answer = bodyOf(JSON.parse(item));
const answers = Object.entries(JSON.parse(others) as Record<string, unknown>).map(
  ([table, one]) => [`"TableName":"${table}"`, bodyOf(one)] as const,
);

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  let text = '';
  if (answers.length === 0) request.resume();
  else {
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
  }
  request.on('end', () => {
    const body = answers.find(([table]) => text.includes(table))?.[1] ?? answer;
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
});
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));

function bodyOf(one: unknown): string {
  return JSON.stringify({ Attributes: one });
}
