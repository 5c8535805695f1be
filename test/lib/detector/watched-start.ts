/**
 * A program for a child process: imports the module that its argument names, and prints as JSON the module's use of the
 * disk, the network, the clock and randomness, and the resources that are still active.
 */
import fs, { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';

const seen: string[] = [];

function watch(owner: object, kind: string, names: readonly string[]): void {
  const methods = owner as Record<string, (...args: unknown[]) => unknown>;
  for (const name of names) {
    const original = methods[name]!;
    methods[name] = function watched(this: unknown, ...args: unknown[]) {
      seen.push(kind === 'file' ? `${name} ${args[0]}` : `${kind} ${name}`);
      return original.apply(this, args);
    };
  }
}

watch(fs, 'file', ['readFileSync', 'readFile', 'openSync', 'open', 'createReadStream', 'readdirSync', 'statSync']);
watch(promises, 'file', ['readFile', 'open', 'readdir', 'stat']);
watch(Socket.prototype, 'network', ['connect']);
watch(globalThis.crypto, 'chance', ['getRandomValues', 'randomUUID']);
watch(Math, 'chance', ['random']);
watch(Date, 'clock', ['now']);
watch(performance, 'clock', ['now']);
watch(globalThis, 'timer', ['setTimeout', 'setInterval']);
syncBuiltinESMExports();
globalThis.Date = new Proxy(Date, {
  construct(target, args, newTarget) {
    if (args.length === 0) seen.push('clock new Date');
    return Reflect.construct(target, args, newTarget) as object;
  },
});

const [, , bundle] = process.argv;
await import(bundle!);
process.stdout.write(JSON.stringify({ seen, left: process.getActiveResourcesInfo() }));
