/** How many problems of one file are told: they are one line for a person. */
const most = 2;

/** What is wrong with a file. */
export class Problems {
  readonly #first: string[] = [];
  #further = 0;

  add(problem: string): void {
    if (this.#first.length < most) this.#first.push(problem);
    else this.#further += 1;
  }

  /** One line; undefined where there are none. */
  get text(): string | undefined {
    if (this.#first.length === 0) return undefined;
    return `${this.#first.join('; ')}${this.#further > 0 ? `; and ${this.#further} more problems` : ''}`;
  }

  copy(): Problems {
    const copy = new Problems();
    for (const problem of this.#first) copy.add(problem);
    copy.#further = this.#further;
    return copy;
  }
}
