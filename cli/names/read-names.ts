import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readAddresses, readInstances } from '../../lambda/names/describe-answers.ts';
import { NameTable } from '../../lambda/names/name-table.ts';
import { fileErrorText } from '../terminal/file-error.ts';
import { InputError, readInput } from '../terminal/input-error.ts';

/** A file with an answer of EC2, and the time of the answer in epoch seconds. */
interface AnswerFile {
  readonly answer: object;
  readonly time: number;
}

/** The file that `collect` writes beside the folders of the regions. */
const collectedName = 'collected.json';

/** The year 2286: a time in milliseconds is later. */
const maxTime = 1e10;

/**
 * Reads who has which address: from the folder that `collect` writes, or from files of `aws ec2
 * describe-network-interfaces` and `describe-instances`, plain or compressed with gzip.
 *
 * @param path a folder with such files at any depth, or one file
 * @throws InputError if a file cannot be read, or no file has a network interface
 */
export function readNames(path: string): NameTable {
  const files = answerFiles(path);
  const instances = new Map(files.flatMap(({ answer }) => [...readInstances(answer)]));
  const table = new NameTable(files.flatMap(({ answer, time }) => readAddresses(answer, instances, time)));
  if (table.size === 0) {
    throw new InputError(
      `${path} has no network interfaces: write them with npx flow-sentinel collect --out ${path}, or with aws ec2 describe-network-interfaces`,
    );
  }
  return table;
}

/**
 * Returns the answers of EC2 in a folder, or in one file: any answers of its describe calls.
 *
 * @throws InputError if a file cannot be read, or is no JSON object
 */
export function ec2Answers(path: string): object[] {
  return filesIn(path).flatMap((file) => (basename(file) === collectedName ? [] : [jsonOf(file)]));
}

function answerFiles(path: string): AnswerFile[] {
  const paths = filesIn(path);
  const times = new Map(paths.filter((file) => basename(file) === collectedName).flatMap(timesOfRegions));
  return paths.flatMap((file) => {
    if (basename(file) === collectedName) return [];
    const answer = jsonOf(file);
    if (!('NetworkInterfaces' in answer) && !('Reservations' in answer)) return [];
    return [{ answer, time: times.get(dirname(file)) ?? Math.floor(statSync(file).mtimeMs / 1000) }];
  });
}

/** Returns the JSON files of a folder, at any depth, in the order of their names; the path itself if it is a file. */
function filesIn(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.json(\.gz)?$/.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${fileErrorText(error)}`);
  }
}

/** Returns the folder of each region with the time at which `collect` asked for its interfaces. */
function timesOfRegions(file: string): [folder: string, time: number][] {
  const { regions } = jsonOf(file) as { regions?: unknown };
  if (!Array.isArray(regions)) return [];
  return regions.flatMap((one: { region?: unknown; time?: unknown } | null): [string, number][] => {
    const { region, time } = one ?? {};
    const isTime = Number.isSafeInteger(time) && (time as number) > 0 && (time as number) < maxTime;
    return typeof region === 'string' && isTime ? [[join(dirname(file), region), time as number]] : [];
  });
}

function jsonOf(file: string): object {
  const text = readInput(file);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // The error is the same as for another JSON value.
  }
  throw new InputError(`${file} is not a JSON document of EC2: write it with --output json`);
}
