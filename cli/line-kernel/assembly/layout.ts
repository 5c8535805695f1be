// Where things are in the memory of the kernel: see ../README.md for the picture. Addresses and sizes are in bytes.

/** The plan of a format, written by the host: number fields (u32) with their limits (i64 at 8), then text fields (u32). */
export const NUMBERS: usize = 0x1000;
export const TEXTS: usize = 0x2000;

/** The numbers of a line, in the order of NUMBERS: i64 each. */
export const VALUES: usize = 0x3000;

/** The first n of 16 bytes, for n from 0 to 16. */
export const MASKS: usize = 0x4000;

/** Keys of a line's addresses, and texts of addresses that are compared. */
export const SCRATCH: usize = 0x4800;

/** An entry that the host adds. */
export const GIVEN: usize = 0x4c00;

/** What the lines of the last scan were. */
export const COUNTS: usize = 0x4d00;

/** The words of a pair in JSON, written by the host: 32 bytes each, the length first. */
export const WORDS: usize = 0x5000;

/** Numbers of items by a byte, while pairs are sorted. */
export const BUCKETS: usize = 0x6000;

/** Lines are read in blocks of this size, so that the marks of a block stay in the fast caches. A longer line is left. */
export const BLOCK: u32 = 0x8000;

/** Marks of a block: the offset of each end of a field, of each line feed, and of each byte that no usual line has. */
export const ENDS: usize = 0x10000;
export const LINE_FEEDS: usize = 0x40000;
export const ODD_BYTES: usize = 0x70000;

/** The usual lines of a block: `RECORD` bytes each. A line has four bytes at least. */
export const RECORDS: usize = 0xa0000;

/** The offset and the length of each line that is left to the slow path. */
export const LEFT: usize = 0x150000;

/** A scan ends after a block with this many left lines or more, so that the list never overflows. */
export const MAX_LEFT: u32 = 1024;

/** The text: incomplete lines of up to 1 MiB, and the chunk after them. Loads reach 64 bytes beyond both ends. */
export const TEXT: usize = 0x1a0000;
export const TEXT_BYTES: u32 = 0x140000;

/** The hash table and the pairs, which grow. */
export const HEAP: usize = 0x2f0000;
