import type { Hunt } from '../../lib/queries/hunts/hunt.ts';
import { hunts } from '../../lib/queries/hunts/hunts.ts';
import { writeStdout } from '../terminal/stdout.ts';
import { heading } from '../terminal/text-table.ts';

/** Prints the ready hunts. */
export async function listHunts({ json }: { readonly json?: boolean }): Promise<void> {
  if (json) {
    const list = hunts.map((hunt) => ({ name: hunt.name, description: hunt.description, usage: usageOf(hunt) }));
    return writeStdout(`${JSON.stringify({ hunts: list }, null, 2)}\n`);
  }
  for (const hunt of hunts) {
    const name = heading(usageOf(hunt));
    await writeStdout(`npx flow-sentinel hunt ${name}\n  ${hunt.description}\n`);
  }
  await writeStdout(
    '\nPATH is a file, a folder or an s3:// URI. For the options of a hunt, run npx flow-sentinel hunt NAME --help\n' +
      'To run your own SQL, use npx flow-sentinel hunt sql "SELECT ..." PATH...\n',
  );
}

function usageOf({ name, parameters }: Hunt): string {
  return [name, ...parameters.map((parameter) => parameter.name.toUpperCase()), 'PATH...'].join(' ');
}
