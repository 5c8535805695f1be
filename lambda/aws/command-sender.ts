import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { getSchemaSerdePlugin } from '@smithy/core/schema';
import { readBody } from './read-body.ts';

/** The class of a command. The SDK's type is bound to the configuration of one client. */
type Kind<Input, Output> = new (
  input: Input,
) => {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's interface of a command has these types
  resolveMiddleware(stack: any, configuration: any, options: any): Steps<Input, Output>;
};

// biome-ignore lint/suspicious/noExplicitAny: the SDK's handler takes any object with the input
type Steps<Input, Output> = (command: any & { readonly input: Input }) => Promise<{ readonly output: Output }>;

/**
 * Sends commands through a client's middleware, like its `send`, in two thirds of the processor time. The client resolves
 * its middleware for each command, or, with `cacheMiddleware`, ignores the signal. This class resolves it once per kind
 * of command and signal, which is once per invocation.
 */
export class CommandSender {
  readonly #client: DynamoDBClient;
  /**
   * The middleware copies the configuration several times per command. V8 treats the client's object as a dictionary with
   * an accessor, and a copy takes 12 µs; a copy of a plain object takes a hundredth of that.
   */
  readonly #configuration: DynamoDBClient['config'];
  readonly #attempts: 'one' | 'several';
  readonly #resolved = new WeakMap<AbortSignal, Map<unknown, Steps<never, never>>>();
  #userAgent: Promise<string> | undefined;

  /** @param attempts `one`: a request that fails is not repeated (default: as the client repeats it) */
  constructor(client: DynamoDBClient, { attempts = 'several' }: { readonly attempts?: 'one' | 'several' } = {}) {
    this.#client = client;
    this.#attempts = attempts;
    this.#configuration = { ...client.config, streamCollector: readBody };
  }

  /** Sends a command. Rejects like the client's `send`: with an error of the service, or an AbortError after the signal. */
  async send<Input, Output>(kind: Kind<Input, Output>, input: Input, signal: AbortSignal): Promise<Output> {
    const { output } = await this.#stepsFor(kind, signal)({ input });
    return output;
  }

  #stepsFor<Input, Output>(kind: Kind<Input, Output>, signal: AbortSignal): Steps<Input, Output> {
    const kinds = this.#resolved.get(signal) ?? new Map<unknown, Steps<never, never>>();
    const steps = (kinds.get(kind) as Steps<Input, Output> | undefined) ?? this.#resolve(kind, signal);
    this.#resolved.set(signal, kinds.set(kind, steps as never));
    return steps;
  }

  /** Resolves the client's middleware with two changes: no logger, and a user agent that is composed once. One attempt has no retries either. */
  #resolve<Input, Output>(kind: Kind<Input, Output>, abortSignal: AbortSignal): Steps<Input, Output> {
    const stack = this.#client.middlewareStack.clone();
    stack.use(getSchemaSerdePlugin(this.#configuration));
    stack.remove('loggerMiddleware');
    this.#userAgent ??= userAgentOf(this.#client);
    const userAgent = this.#userAgent;
    stack.add(
      (next) => async (args) => {
        (args.request as { headers: Record<string, string> }).headers['user-agent'] = await userAgent;
        return next(args);
      },
      { step: 'build', priority: 'low', name: 'getUserAgentMiddleware', override: true },
    );
    if (this.#attempts === 'one') {
      // Others are relative to this middleware, so it cannot be removed.
      const withoutRetry = {
        step: 'finalizeRequest',
        priority: 'high',
        name: 'retryMiddleware',
        override: true,
      } as const;
      stack.add((next) => (args) => next(args), withoutRetry);
    }
    return new kind({} as Input).resolveMiddleware(stack, this.#configuration, { abortSignal });
  }
}

/** Composes the SDK's user agent, without the parts that depend on the command. */
async function userAgentOf({ config }: DynamoDBClient): Promise<string> {
  const parts = await config.defaultUserAgentProvider();
  return parts
    .map(([name, version]) => (version ? `${name}${name.includes('/') ? '#' : '/'}${version}` : name))
    .join(' ');
}
