import { MemoryAlertStateStore } from '../../emulators/memory-alert-state-store.ts';
import { alertLedgerContract } from '../lambda/alert/alert-state-store.contract.ts';

let ledger = new MemoryAlertStateStore();

alertLedgerContract(
  'memory',
  () => ledger,
  async () => {
    ledger = new MemoryAlertStateStore();
  },
);
