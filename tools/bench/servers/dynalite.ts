/** The embedded DynamoDB in a process of its own, so that its work is not ours. */
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

const server = dynalite({ createTableMs: 0 });
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
