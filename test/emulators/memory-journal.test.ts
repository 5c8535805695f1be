import { MemoryJournal } from '../../emulators/memory-journal.ts';
import { journalContract } from '../lambda/journal/journal.contract.ts';

const journal = new MemoryJournal();
journalContract('memory', () => journal);
