import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { binaryPath, compileKernel } from '../../../tools/kernel/compile-kernel.ts';

describe('compileKernel', () => {
  it('gives the binary of the repository, byte for byte', async () => {
    const compiled = Buffer.from(await compileKernel());
    expect(compiled.equals(readFileSync(binaryPath)), 'the binary is not that of the source: run npm run kernel').toBe(
      true,
    );
  });

  it('needs no imports', () => {
    expect(WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(binaryPath)))).toEqual([]);
  });
});
