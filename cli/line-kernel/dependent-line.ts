/** A line that cannot be counted alone: its meaning, or that of later lines, depends on the lines before. */
export class DependentLine extends Error {}
