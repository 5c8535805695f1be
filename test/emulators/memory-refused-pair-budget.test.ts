import { MemoryRefusedPairBudget } from '../../emulators/memory-refused-pair-budget.ts';
import { refusedPairBudgetContract } from '../lambda/count/refused-pair-budget.contract.ts';

const shared = new MemoryRefusedPairBudget(100);

refusedPairBudgetContract('memory', (perMinute) => ({
  perMinute,
  grant: (batch, wanted) => shared.grant(batch, wanted),
}));
