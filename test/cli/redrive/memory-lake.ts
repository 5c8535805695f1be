import { gunzipSync } from 'node:zlib';
import type { Lake } from '../../../cli/redrive/lake.ts';

/** A lake in memory; `around` wraps each call that changes an object. */
export class MemoryLake implements Lake {
  readonly objects = new Map<string, Uint8Array>();
  around: <T>(carryOut: () => T) => T = (carryOut) => carryOut();

  async *list(prefix: string): AsyncGenerator<string> {
    for (const key of [...this.objects.keys()].sort()) if (key.startsWith(prefix)) yield key;
  }
  async read(key: string): Promise<Uint8Array> {
    const body = this.objects.get(key);
    if (!body) throw new Error(`${key} is missing`);
    return body;
  }
  async exists(key: string): Promise<boolean> {
    return this.objects.has(key);
  }
  async write(key: string, body: string | Uint8Array): Promise<void> {
    this.around(() => this.objects.set(key, Buffer.from(body)));
  }
  async claim(key: string): Promise<boolean> {
    return this.around(() => {
      if (this.objects.has(key)) return false;
      this.objects.set(key, new Uint8Array());
      return true;
    });
  }
  async remove(key: string): Promise<void> {
    this.around(() => this.objects.delete(key));
  }

  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** Returns all lines of the objects under a prefix. */
  lines(prefix: string): string[] {
    return this.keys(prefix).flatMap((key) => {
      const body = this.objects.get(key)!;
      return (body[0] === 0x1f ? gunzipSync(body) : Buffer.from(body)).toString().split('\n').filter(Boolean);
    });
  }
}
