import { join } from 'node:path';

const io = join(import.meta.dirname, '../lambda/io');

/**
 * What the SDK's clients import and the function never reaches, or has a shorter way to, by what is bundled in its place:
 * a quarter of the code that each cold start would load. As esbuild's `--alias` takes it. What is asked of a package
 * beyond its stand-in is an error of the bundling.
 */
export const absentPackages: readonly string[] = [
  `@aws-sdk/credential-provider-node=${join(io, 'absent/credential-chain.ts')}`,
  `@aws-sdk/middleware-endpoint-discovery=${join(io, 'absent/endpoint-discovery.ts')}`,
  `@smithy/core/checksum=${join(io, 'sha256.ts')}`,
  `@smithy/core/event-streams=${join(io, 'absent/event-streams.ts')}`,
];
