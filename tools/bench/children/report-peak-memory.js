// To be imported before a program: writes the peak memory in MB into the file PEAK_MEMORY_FILE when the program ends. Plain
// JavaScript, because the type stripper would add its memory to the program's.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS / 1024));
});
