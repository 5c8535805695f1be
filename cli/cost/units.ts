export const gigabyte = 2 ** 30;
export const mebibyte = 2 ** 20;

/** A month of the bill has 730 hours. */
export const hoursPerMonth = 730;
export const daysPerMonth = hoursPerMonth / 24;
export const minutesPerDay = 1440;
