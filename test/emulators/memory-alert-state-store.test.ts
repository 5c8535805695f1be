import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { alertStateStoreContract } from '../lambda/alert/alert-state-store.contract.ts';

let state = new MemoryAlertStateStore();

alertStateStoreContract(
  'memory',
  () => state,
  async () => {
    state = new MemoryAlertStateStore();
  },
);
