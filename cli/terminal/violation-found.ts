/** The work found something wrong, and has said what. */
export class ViolationFound extends Error {}
