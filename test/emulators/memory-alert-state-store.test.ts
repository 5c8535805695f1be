import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { alertLedgerContract } from '../lambda/alert/alert-state-store.contract.ts';

let state = new MemoryAlertStateStore();

alertLedgerContract(
  'memory',
  () => state,
  async () => {
    state = new MemoryAlertStateStore();
  },
);
