import { MemoryCounterStore } from '../../local/memory-counter-store.ts';
import { contractRules, counterStoreContract } from '../lambda/io/counter-store.contract.ts';

const store = new MemoryCounterStore(contractRules.series);
counterStoreContract(
  'memory',
  () => store,
  () => store,
);
