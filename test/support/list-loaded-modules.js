// To be imported before a program: writes the URLs of the modules that it loads into the file LOADED_MODULES_FILE, one a line.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const urls = new Set();

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('node:')) urls.add(url);
    return nextLoad(url, context);
  },
});

process.on('exit', () => writeFileSync(process.env.LOADED_MODULES_FILE, [...urls].join('\n')));
