import { LineKernel } from '../../line-kernel/line-kernel.ts';
import { type LinePlan, linePlan } from '../../line-kernel/line-plan.ts';
import type { CheckedLines, CreateLineChecker, LineChecker, LinePosition } from './line-checker.ts';
import { createScanningLineChecker } from './scanning-line-checker.ts';

const lineFeed = 0x0a;

/** The kernel compares versions below this one with those of the format. */
const maxVersion = 63;

/** Checks lines with the kernel if it supports the format, or else with the functions that read records. */
export const createKernelLineChecker: CreateLineChecker = (format, isOneOfSeveral) => {
  const plan = linePlan({ own: [format], stream: { formats: [format], common: undefined } });
  if (!plan) return createScanningLineChecker(format, isOneOfSeveral);
  return new KernelLineChecker(isOneOfSeveral ? withOwnVersion(plan) : plan);
};

/** Returns a plan that leaves lines with another version than that of the format. */
function withOwnVersion(plan: LinePlan): LinePlan {
  const { format } = plan;
  const version = format.indexOf.get('version');
  const others = Array.from({ length: maxVersion + 1 }, (_, other) => other).filter(
    (other) => other !== format.version,
  );
  return {
    ...plan,
    numbers: plan.numbers.map((number) => (number.field === version ? { ...number, limit: maxVersion } : number)),
    foreignVersions: others,
  };
}

class KernelLineChecker implements LineChecker {
  readonly #kernel = new LineKernel();

  constructor(plan: LinePlan) {
    this.#kernel.plan(plan, true);
  }

  check(lines: Buffer): CheckedLines {
    const { exports, text } = this.#kernel;
    const odd: LinePosition[] = [];
    let [count, crLf] = [0, 0];
    for (let begin = 0; begin < lines.length; ) {
      const piece = lines.subarray(begin, begin + text.length);
      text.set(piece);
      const end = piece.lastIndexOf(lineFeed) + 1;
      if (end === 0) {
        // A line that the text of the kernel has no room for.
        const next = lines.indexOf(lineFeed, begin) + 1;
        odd.push({ offset: begin, length: next - begin });
        count += 1;
        begin = next;
        continue;
      }
      for (let at = 0; at < end; ) {
        at = exports.check(at, end);
        for (const { offset, length } of this.#kernel.leftLines) odd.push({ offset: begin + offset, length });
        count += exports.lineCount.value;
        crLf += exports.crLfCount.value;
      }
      begin += end;
    }
    return { usual: count - odd.length, crLf, odd };
  }
}
