/** Some of the input could not be read, and what it is has been said; the work went on without it. */
export class UnreadInput extends Error {}
