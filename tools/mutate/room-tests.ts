import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { RunAnswer, RunRequest } from './test-process.ts';

/** The tests of one room in a process for many runs; a process that hangs is replaced. */
export class RoomTests {
  readonly #root: string;
  readonly #room: string;
  #process: ChildProcess | undefined;
  readonly #changed = new Set<string>();

  /** @param root a copy of the tree */
  constructor(root: string, room: string) {
    this.#root = root;
    this.#room = room;
  }

  /** Notes that a file has changed since the last run. */
  change(file: string): void {
    this.#changed.add(file);
  }

  /** Runs the tests; undefined if the run takes longer than the time limit. */
  async run(limitMilliseconds: number): Promise<RunAnswer | undefined> {
    this.#process ??= await this.#start();
    const running = this.#process;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), limitMilliseconds);
    const ended = once(running, 'exit', { signal: limit.signal }).then(() => ({
      failed: 'the process ended',
      passed: 0,
    }));
    const answered = once(running, 'message', { signal: limit.signal }).then(([answer]) => answer as RunAnswer);
    try {
      running.send({ changed: [...this.#changed] } satisfies RunRequest);
      this.#changed.clear();
      const answer = await Promise.race([answered, ended]);
      if (running.exitCode !== null) this.#process = undefined;
      return answer;
    } catch (error) {
      if (!limit.signal.aborted) throw error;
      await this.stop();
      return undefined;
    } finally {
      clearTimeout(timer);
      limit.abort();
      await Promise.allSettled([answered, ended]);
    }
  }

  /** Ends the process and its workers, also if they are in an endless loop. */
  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.pid === undefined || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    process.kill(-running.pid, 'SIGKILL');
    await ended;
  }

  async #start(): Promise<ChildProcess> {
    const file = join(import.meta.dirname, 'test-process.ts');
    // Vitest's own variables would tell the process that it is a worker.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
    const started = fork(file, [this.#root, this.#room], { cwd: this.#root, env, detached: true, stdio: [...stdio] });
    let errors = '';
    started.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    await Promise.race([
      once(started, 'message'),
      once(started, 'exit').then(() => {
        throw new Error(`the tests of ${this.#room} did not start: ${errors}`);
      }),
    ]);
    return started;
  }
}
