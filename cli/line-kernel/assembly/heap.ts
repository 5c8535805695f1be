import { HEAP } from './layout';

// Memory is only taken, but for the index of the pair table, which moves when it grows.

let next: usize = HEAP;

// Memory that the index has left.
let spare: usize = 0;
let spareEnd: usize = 0;

/** 1 after a trap because the memory of 4 GiB was full. */
export let isFull: u32 = 0;

/** Returns the address of new memory, which is zero. Traps if the memory is full. @param bytes a multiple of 64 */
export function allocate(bytes: usize): usize {
  if (spareEnd - spare >= bytes) {
    const at = spare;
    spare += bytes;
    memory.fill(at, 0, bytes);
    return at;
  }
  const at = next;
  const end = <u64>at + <u64>bytes;
  const pages = <u64>memory.size();
  if (end > pages << 16) {
    const missing = ((end + 0xffff) >> 16) - pages;
    // Some more pages at once, because each growth takes a system call.
    const more = max(missing, pages >> 3);
    if (pages + missing > 0xffff || (memory.grow(<i32>more) < 0 && memory.grow(<i32>missing) < 0)) {
      isFull = 1;
      unreachable();
    }
  }
  next = <usize>end;
  return at;
}

/** Gives all memory back, and fills it with zeros. */
export function releaseAll(): void {
  memory.fill(HEAP, 0, next - HEAP);
  next = HEAP;
  spare = 0;
  spareEnd = 0;
}

/** Gives memory back for the next pairs. */
export function release(at: usize, bytes: usize): void {
  spare = at;
  spareEnd = at + bytes;
}
