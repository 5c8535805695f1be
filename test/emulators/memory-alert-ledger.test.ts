import { MemoryAlertLedger } from '../../emulators/memory-alert-ledger.ts';
import { alertLedgerContract } from '../lambda/alert/alert-ledger.contract.ts';

let ledger = new MemoryAlertLedger();

alertLedgerContract(
  'memory',
  () => ledger,
  async () => {
    ledger = new MemoryAlertLedger();
  },
);
