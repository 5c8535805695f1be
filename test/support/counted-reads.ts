import type { S3Client } from '@aws-sdk/client-s3';

/** Returns the reads of objects that a client makes from now on, in order: the ETag that each must differ from. */
export function countedReads(s3: S3Client): readonly (string | undefined)[] {
  const requests: (string | undefined)[] = [];
  s3.middlewareStack.add(
    ((next: (args: object) => Promise<object>, context: { commandName?: string }) =>
      async (args: { input: { IfNoneMatch?: string } }) => {
        if (context.commandName === 'GetObjectCommand') requests.push(args.input.IfNoneMatch);
        return next(args);
      }) as never,
    { step: 'initialize', name: 'counted' },
  );
  return requests;
}
