import { utc } from '../../lambda/common/format-units.ts';
import { maxAgeDays } from '../../lambda/geo/max-age.ts';

/** The age of a table's data. */
export interface DataAge {
  /** The day of the data in UTC, such as `2026-11-30`. */
  readonly date: string;
  readonly ageDays: number;
}

/** Returns the age of data. @param dataTime,now epoch seconds */
export function dataAge(dataTime: number, now: number): DataAge {
  return {
    date: utc(dataTime).slice(0, 'yyyy-mm-dd'.length),
    // The clock of this machine may be behind the date of a file.
    ageDays: Math.max(0, Math.floor((now - dataTime) / 86_400)),
  };
}

/** Warns on standard error if the data of a table is old. */
export function warnOldData(file: string, { date, ageDays }: DataAge): void {
  if (ageDays <= maxAgeDays) return;
  process.stderr.write(
    `flow-sentinel: ${file}: the data of ${date} is ${ageDays} days old, and addresses have moved since; download the sources again, and run npx flow-sentinel geo build\n`,
  );
}
