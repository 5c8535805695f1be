import type { LocalStack } from '../../emulators/local-stack.ts';

/** A request to a table. */
export interface SentCommand {
  readonly command: string;
  readonly request: { port?: number };
}

/** Records the requests to a table of a stack, and may answer them in place of the server, or send them to another one. */
export function commandsOn(
  { clients: { dynamoDb } }: LocalStack,
  table: string,
  answer: (sent: SentCommand) => Promise<never> | undefined = () => undefined,
): string[] {
  const sent: string[] = [];
  dynamoDb.middlewareStack.add(
    (next, { commandName: command = '' }) =>
      async (args) => {
        const { TableName, RequestItems = {} } = args.input as { TableName?: string; RequestItems?: object };
        if (TableName !== table && !(table in RequestItems)) return next(args);
        sent.push(command);
        return (await answer({ command, request: args.request as SentCommand['request'] })) ?? next(args);
      },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return sent;
}
