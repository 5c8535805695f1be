import { MemoryContextTable } from '../../emulators/memory-context-table.ts';
import { contextTableContract } from '../lambda/context/context-table.contract.ts';

const table = new MemoryContextTable();
contextTableContract('in memory', () => table);
