import { messageOf } from '../../lambda/common/errors.ts';
import { InputError } from '../terminal/input-error.ts';

/**
 * Checks that the shell has a region and credentials, from the places where the AWS CLI looks for them. Calls only the
 * source of the credentials.
 *
 * @throws InputError that names what is missing, and how to set it
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
      'no region is set; set AWS_REGION, such as AWS_REGION=eu-central-1, or use a profile that has a region',
    );
  }
  try {
    await config.credentials();
  } catch (error) {
    throw new InputError(`no AWS credentials: set AWS_PROFILE or sign in, as for the AWS CLI: ${messageOf(error)}`);
  }
}
