/** Imports a module, and prints how many milliseconds that took. */
const before = process.cpuUsage();
const began = performance.now();
await import(process.argv[2]!);
const wall = performance.now() - began;
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ wall, processor: (user + system) / 1000 }));
process.exit();
