import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { alertStateStoreContract } from '../lambda/alert/alert-state-store.contract.ts';

let ledger = new MemoryAlertStateStore();

alertStateStoreContract(
  'memory',
  () => ledger,
  async () => {
    ledger = new MemoryAlertStateStore();
  },
);
