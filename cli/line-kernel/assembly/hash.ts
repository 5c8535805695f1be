/** Random words, so that nobody can choose addresses whose hashes are equal. */
let seed0: u64 = 0;
let seed1: u64 = 0;
let seed2: u64 = 0;
let seed3: u64 = 0;

export function seedHashes(a: u64, b: u64, c: u64, d: u64): void {
  seed0 = a;
  seed1 = b;
  seed2 = c;
  seed3 = d;
}

/**
 * Hashes two keys: adds seeds to half words, and adds up their products (NH, in UMAC, RFC 4418). The sums of any two pairs
 * are equal with a probability of 2^-32.
 */
export function hashOf(source: v128, destination: v128, kinds: u32): u32 {
  const a = <u64>i64x2.extract_lane(source, 0) + seed0;
  const b = <u64>i64x2.extract_lane(source, 1) + seed1;
  const c = <u64>i64x2.extract_lane(destination, 0) + seed2;
  const d = <u64>i64x2.extract_lane(destination, 1) + seed3;
  let hash = (a & 0xffffffff) * (a >> 32) + (b & 0xffffffff) * (b >> 32) + ((<u64>kinds) << 32);
  hash += (c & 0xffffffff) * (c >> 32) + (d & 0xffffffff) * (d >> 32);
  hash ^= hash >> 32;
  hash *= 0xff51afd7ed558ccd;
  return <u32>(hash >> 32);
}
