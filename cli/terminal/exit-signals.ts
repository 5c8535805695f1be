/** Ends the program with exit code 2: some input was unreadable. The command has reported it and handled the rest. */
export class UsageFailure extends Error {}

/** Ends the program with exit code 1: the command found a problem and has reported it. */
export class CheckFailed extends Error {}
