import { formatMagnitude } from '../terminal/magnitude.ts';
import { type CountingAdvice, type CountingWay, flushTimeout, worthwhileUsd } from './counting-ways.ts';
import { dollars } from './dollars.ts';

/** Formats the recommended way to count, the other ways, and the volumes from which a journal pays. */
export function countingLines({ ways, recommended, cheaperFrom, recommendedFrom }: CountingAdvice): string[] {
  const [direct, ...journals] = ways as readonly [CountingWay, ...CountingWay[]];
  const reason = journals.some(isPossible) ? `a journal saves less than $${worthwhileUsd}` : 'no journal is possible';
  const first =
    recommended.counting === 'direct'
      ? `direct, recommended, since ${reason}: ${dollars(direct.usd)}`
      : `${nameOf(recommended)}, recommended: ${dollars(recommended.usd)} instead of ${dollars(direct.usd)}; ${delayOf(recommended)}`;
  const others = journals
    .filter((way) => way !== recommended)
    .map((way) => `${nameOf(way)}: ${dollars(way.usd)}; ${isPossible(way) ? delayOf(way) : laneLimit}`);
  return [first, ...others, volumesText(cheaperFrom, recommendedFrom)];
}

/** Returns the settings of a way to count. */
export function nameOf({ counting, countEvery, countLanes }: CountingWay): string {
  if (counting === 'direct') return 'direct';
  return `journal, countEvery ${countEvery}${countLanes === 16 ? '' : `, countLanes ${countLanes}`}`;
}

const laneLimit = `impossible, since a flush of one lane takes longer than the ${flushTimeout} s of the function`;

function isPossible({ laneSeconds }: CountingWay): boolean {
  return laneSeconds <= flushTimeout;
}

function delayOf({ alertDelayMinutes }: CountingWay): string {
  return `alerts come up to ${alertDelayMinutes} minutes after direct`;
}

function volumesText(cheaperFrom: number | undefined, recommendedFrom: number | undefined): string {
  if (cheaperFrom === undefined) return 'a journal costs more at any volume';
  const saves =
    recommendedFrom === undefined
      ? ''
      : `, and saves $${worthwhileUsd} a month from ${formatMagnitude(recommendedFrom)}`;
  return `a journal costs less from ${formatMagnitude(cheaperFrom)} records a day${saves}`;
}
