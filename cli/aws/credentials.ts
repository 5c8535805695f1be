import { messageOf } from '../../lambda/common/errors.ts';
import { InputError } from '../terminal/input-error.ts';

/**
 * Sees to it that the shell says which region is meant, and has credentials, as the AWS CLI takes them. Asks no service,
 * but what the credentials come from.
 *
 * @throws InputError that says which of them is missing, and how to give it
 */
export async function checkShellAccount({
  config,
}: {
  readonly config: { region(): Promise<string>; credentials(): Promise<unknown> };
}): Promise<void> {
  try {
    await config.region();
  } catch {
    throw new InputError(
      'no region is set; set AWS_REGION, such as AWS_REGION=eu-central-1, or use a profile with one',
    );
  }
  try {
    await config.credentials();
  } catch (error) {
    throw new InputError(`no AWS credentials; set AWS_PROFILE or sign in, as for the AWS CLI: ${messageOf(error)}`);
  }
}
