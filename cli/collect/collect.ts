import type { EC2Client, EC2ClientConfig } from '@aws-sdk/client-ec2';
import { formatInteger } from '../../lambda/common/format-units.ts';
import { printable } from '../../lambda/common/text.ts';
import { checkShellAccount } from '../aws/credentials.ts';
import { isRegionName } from '../aws/region-name.ts';
import { InputError } from '../terminal/input-error.ts';
import { type CollectResult, collectText } from './collect-result.ts';
import { CollectedFolder } from './collected-folder.ts';
import type { CollectedRegion } from './collected-regions.ts';
import { createEc2Client, describeInstances, describeNetworkInterfaces } from './describe-calls.ts';
import { type CollectAction, failureText } from './failure-text.ts';

export interface CollectOptions {
  /** The folder to write. */
  readonly out: string;
  /** The regions to collect (default: the region of the environment). */
  readonly region?: readonly string[];
  readonly json?: boolean;
}

/**
 * Writes the network interfaces and instances of each region to a folder, and prints a summary. A region that fails keeps
 * its earlier files, and the other regions continue.
 *
 * @param interrupted aborts when the user interrupts the command; the regions that are done stay
 * @param config further configuration of the client
 * @returns whether all regions were collected
 * @throws InputError if the folder is refused or cannot be written, or if the shell has no region or credentials
 */
export async function collect(
  { out, region: named, json }: CollectOptions,
  interrupted: AbortSignal,
  config: EC2ClientConfig = {},
): Promise<boolean> {
  const folder = new CollectedFolder(out);
  const shell = createEc2Client({ ...config, ...(named && { region: named[0]! }) });
  const regions = [...new Set(named ?? [await regionOf(shell)])];
  await checkShellAccount(shell);
  await folder.prepare();
  const done: CollectResult['regions'][number][] = [];
  const failed: CollectResult['failed'][number][] = [];
  for (const region of regions) {
    // All regions have the credentials of the shell, so that a profile asks for a code once.
    const client = createEc2Client({ ...config, region, credentials: shell.config.credentials });
    const outcome = await collectRegion(region, client, folder, interrupted);
    client.destroy();
    if (typeof outcome === 'string') {
      failed.push({ region, problem: outcome });
      process.stderr.write(`flow-sentinel: ${region}: ${printable(outcome)}\n`);
    } else done.push({ ...outcome, files: folder.filesOf(region) });
  }
  shell.destroy();
  const result: CollectResult = { out, regions: done, failed };
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : collectText(result));
  return failed.length === 0;
}

/** Returns the region of the environment. @throws InputError if no region is set, or if the text is not a name of a region */
async function regionOf(client: EC2Client): Promise<string> {
  const region = await client.config.region().catch(() => {
    throw new InputError('no region is set; give --region, such as --region eu-central-1, or set AWS_REGION');
  });
  if (isRegionName(region)) return region;
  throw new InputError(`the region is invalid: got ${JSON.stringify(region)}, expected a name such as eu-central-1`);
}

/** Collects a region, with progress on a terminal. Resolves to the reason if it failed. */
async function collectRegion(
  region: string,
  client: EC2Client,
  folder: CollectedFolder,
  interrupted: AbortSignal,
): Promise<CollectedRegion | string> {
  let action: CollectAction = 'ec2:DescribeNetworkInterfaces';
  let interfaces = 0;
  let instances = 0;
  const show = () => {
    const counts = `${region}: ${formatInteger(interfaces)} interfaces, ${formatInteger(instances)} instances`;
    if (process.stderr.isTTY) process.stderr.write(`\r${counts}\u001b[K`);
  };
  try {
    interrupted.throwIfAborted();
    const time = Math.floor(Date.now() / 1000);
    const files = await folder.begin(region);
    show();
    try {
      for await (const page of describeNetworkInterfaces(client, interrupted)) {
        await files.networkInterfaces.add(page);
        interfaces += page.length;
        show();
      }
      action = 'ec2:DescribeInstances';
      for await (const page of describeInstances(client, interrupted)) {
        await files.instances.add(page);
        instances += page.reduce((sum, { Instances = [] }) => sum + Instances.length, 0);
        show();
      }
      interrupted.throwIfAborted();
      const collected = { region, time, interfaces, instances };
      await files.commit(collected);
      return collected;
    } catch (error) {
      await files.discard();
      throw error;
    }
  } catch (error) {
    return interrupted.aborted ? 'the command was interrupted' : failureText(error, region, action);
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }
}
