import { dataPlatform } from './scenarios/normal/data-platform.ts';
import { office } from './scenarios/normal/office.ts';
import { webShop } from './scenarios/normal/web-shop.ts';
import { plantedInDataPlatform } from './scenarios/planted/data-platform.ts';
import { plantedInOffice } from './scenarios/planted/office.ts';
import { plantedInWebShop } from './scenarios/planted/web-shop.ts';
import { contextOfWebShop } from './scenarios/planted/web-shop-context.ts';
import type { Attack, Scenario, Style } from './scenarios/scenario.ts';
import type { StyleName } from './style-names.ts';

const styles: Readonly<Record<StyleName, readonly [style: () => Style, planted: (style: Style) => Attack[]]>> = {
  'web-shop': [webShop, plantedInWebShop],
  office: [office, plantedInOffice],
  'data-platform': [dataPlatform, plantedInDataPlatform],
};

/** Creates the labelled day of a style with its planted attacks, the same at each call. Its lines can be generated once. */
export function scenarioOf(name: string): Scenario {
  const [makeStyle, planted] = styles[name as StyleName];
  const style = makeStyle();
  const context = name === 'web-shop' ? { context: contextOfWebShop(style) } : {};
  return { style, attacks: planted(style), ...context };
}
