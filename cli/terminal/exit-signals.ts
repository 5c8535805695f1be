/** Some of the input could not be read, and what it is has been said; the work went on without it. */
export class UsageFailure extends Error {}

/** The work found something wrong, and has said what. */
export class CheckFailed extends Error {}
