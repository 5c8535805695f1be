import { MemoryAlertLedger } from '../../local/memory-alert-ledger.ts';
import { alertLedgerContract } from '../lambda/io/alert-ledger.contract.ts';

let ledger = new MemoryAlertLedger();

alertLedgerContract(
  'memory',
  () => ledger,
  async () => {
    ledger = new MemoryAlertLedger();
  },
);
