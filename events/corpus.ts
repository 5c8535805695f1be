import { dataPlatform } from './scenarios/normal/data-platform.ts';
import { office } from './scenarios/normal/office.ts';
import { webShop } from './scenarios/normal/web-shop.ts';
import { plantedInDataPlatform } from './scenarios/planted/data-platform.ts';
import { plantedInOffice } from './scenarios/planted/office.ts';
import { plantedInWebShop } from './scenarios/planted/web-shop.ts';
import type { Attack, Scenario, Style } from './scenarios/scenario.ts';

const makers: Readonly<Record<string, readonly [style: () => Style, planted: (style: Style) => Attack[]]>> = {
  'web-shop': [webShop, plantedInWebShop],
  office: [office, plantedInOffice],
  'data-platform': [dataPlatform, plantedInDataPlatform],
};

/** The styles that there are. */
export const styleNames = Object.keys(makers);

/** A new day of a style, with what is planted in it; the same at each call. Its lines can be had once. */
export function scenarioOf(name: string): Scenario {
  const [makeStyle, planted] = makers[name]!;
  const style = makeStyle();
  return { style, attacks: planted(style) };
}
