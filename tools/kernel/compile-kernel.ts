import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const root = join(import.meta.dirname, '../..');
const folder = 'cli/line-kernel';

/** The compiled kernel, which the repository keeps: a checkout runs without the compiler. */
export const binaryPath = join(root, folder, 'line-kernel.wasm');

/** 64 KiB pages up to the beginning of the heap, and one more: `assembly/layout.ts`. */
const initialPages = 0x30;

const options = [
  ...['-O3', '--converge', '--noAssert', '--enable', 'simd'],
  // No allocator, no garbage collector, no imports: the kernel only uses fixed addresses and its own heap.
  ...['--runtime', 'stub', '--use', 'abort='],
  ...['--initialMemory', String(initialPages)],
];

/**
 * Compiles the kernel of cli/line-kernel/assembly. The same source gives the same bytes.
 *
 * @throws Error with the messages of the compiler
 */
export async function compileKernel(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [`${folder}/assembly/index.ts`, '--baseDir', root, '--outFile', 'kernel.wasm', ...options],
    {
      writeFile: (_name: string, contents: string | Uint8Array) => {
        if (typeof contents !== 'string') binary = contents;
      },
    },
  );
  if (error || !binary) throw new Error(`the kernel does not compile: ${error?.message}\n${String(stderr)}`);
  return binary;
}
