/** Serves the embedded DynamoDB in a separate process, so that its work is not measured. */
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

const server = dynalite({ createTableMs: 0 });
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
