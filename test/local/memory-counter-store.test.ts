import { usualTidying } from '../../lambda/core/stale.ts';
import { MemoryCounterStore } from '../../local/memory-counter-store.ts';
import {
  contractRules,
  counterStoreContract,
  eagerUpkeep,
  upkeepContract,
} from '../lambda/io/counter-store.contract.ts';

const store = new MemoryCounterStore(contractRules.series, { tidying: usualTidying });
counterStoreContract(
  'memory',
  () => store,
  () => store,
);

const first = new MemoryCounterStore(contractRules.series, eagerUpkeep);
upkeepContract('memory', () => first.another());
