/** Imported before a program: when it ends, writes its peak memory in MB into the file that PEAK_MEMORY_FILE names. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE!, String(process.resourceUsage().maxRSS / 1024));
});
