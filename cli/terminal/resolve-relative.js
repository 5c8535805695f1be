// Resolves relative imports of TypeScript files by their text. Node.js would look up each file, the real path of each of its
// folders and the package that it belongs to, which takes a tenth of a short run. The program has no other spelling of such
// imports, and its main file already has its real path. This file is plain JavaScript for the same reason as compile-cache.js.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!specifier.startsWith('.') || !specifier.endsWith('.ts')) return nextResolve(specifier, context);
    return { url: new URL(specifier, context.parentURL).href, format: 'module-typescript', shortCircuit: true };
  },
});
