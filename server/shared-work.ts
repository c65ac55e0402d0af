/**
 * Work that several ask for at once and that is done once: whoever asks while it is under way gets what it gives, or its
 * error. Nothing is kept of what is done; across nodes nothing is shared.
 */
export class SharedWork<Result> {
  readonly #underWay = new WeakMap<object, Map<string, Promise<Result>>>();

  /**
   * @param owner does the work; two owners share nothing
   * @param name stands for all that the result depends on
   */
  of(owner: object, name: string, work: () => Promise<Result>): Promise<Result> {
    const underWay = this.#under(owner);
    const begun = underWay.get(name);
    if (begun !== undefined) return begun;
    const done = work().finally(() => underWay.delete(name));
    underWay.set(name, done);
    return done;
  }

  #under(owner: object): Map<string, Promise<Result>> {
    const known = this.#underWay.get(owner);
    if (known !== undefined) return known;
    const made = new Map<string, Promise<Result>>();
    this.#underWay.set(owner, made);
    return made;
  }
}
