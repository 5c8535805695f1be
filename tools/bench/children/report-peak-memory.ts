/** To be imported before a program: writes the peak memory in MB into the file PEAK_MEMORY_FILE when the program ends. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE!, String(process.resourceUsage().maxRSS / 1024));
});
