/** Blocks of addresses move between operators, so a table with older data is wrong in places. */
export const maxAgeDays = 45;
