import { statSync } from 'node:fs';
import { join } from 'node:path';
import { counted, type Part, timesThePeer } from './benchmark.ts';
import { bundleFunction } from './bundle.ts';
import { runNode } from './child-process.ts';
import { compare } from './compare.ts';

const importing = join(import.meta.dirname, 'children', 'import-module.ts');

/** Measures the code that a cold start loads, and its import. */
export const start: Part = {
  number: '5',
  title: 'the bundle and its start, against one that only imports the two SDK clients',
  async run(bench) {
    const bundle = bundleFunction();
    try {
      const { environment } = bundle;
      const [ours, clients] = [bundle.path, bundle.clientsPath].map((path) => statSync(path).size) as [number, number];
      bench.add(counted({ id: '5', name: 'the bundle (bytes)', ours, target: { compare: '<=', value: 370_000 } }));
      bench.add(
        timesThePeer({ id: '5', name: 'the bundle, against the SDK clients alone (bytes)', ours, peer: clients }),
      );
      bench.say('its import, in separate processes');
      const run = (path: string) => async () => {
        const { output } = await runNode([importing, path], environment);
        return JSON.parse(output) as { wall: number; processor: number };
      };
      const rounds = bench.isQuick ? 1 : 9;
      const measured = await compare(
        { ours: run(bundle.path), clients: run(bundle.clientsPath) },
        { rounds, warmUp: 1 },
      );
      for (const [measure, label] of [
        ['wall', 'time'],
        ['processor', 'processor time'],
      ] as const) {
        bench.add(
          timesThePeer({
            id: '5',
            name: `import of the bundle, against the SDK clients alone: ${label} (ms)`,
            ours: measured.ours[measure],
            peer: measured.clients[measure],
            target: { compare: '<=', value: 1.3 },
          }),
        );
      }
    } finally {
      bundle.remove();
    }
  },
};
