/** Imports a module, and prints the wall time and the processor time of the import in milliseconds. */
const before = process.cpuUsage();
const began = performance.now();
await import(process.argv[2]!);
const wall = performance.now() - began;
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ wall, processor: (user + system) / 1000 }));
process.exit();
