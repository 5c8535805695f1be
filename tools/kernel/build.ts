import { writeFileSync } from 'node:fs';
import { binaryPath, compileKernel } from './compile-kernel.ts';

const binary = await compileKernel();
writeFileSync(binaryPath, binary);
process.stdout.write(`${binary.length} bytes: ${binaryPath}\n`);
