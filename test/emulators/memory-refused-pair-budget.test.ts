import { MemoryRefusedPairBudget } from '../../emulators/memory-refused-pair-budget.ts';
import { refusedPairBudgetContract } from '../lambda/count/refused-pair-budget.contract.ts';

const shared = new MemoryRefusedPairBudget(100);

refusedPairBudgetContract('memory', (perMinute) => ({
  perMinute,
  reserve: (batch, wanted) => shared.reserve(batch, wanted),
  settle: (batch, proposed) => shared.settle(batch, proposed),
}));
