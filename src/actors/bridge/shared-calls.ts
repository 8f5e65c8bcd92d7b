/** Which commands share a call: the id of the first, for which it is made, and of those that joined it. */
export class SharedCalls {
  private readonly byFirst = new Map<string, Set<string>>();

  join(first: string, id: string): void {
    const ids = this.byFirst.get(first) ?? new Set([first]);
    this.byFirst.set(first, ids.add(id));
  }

  /** All who share the call of `first`, itself among them. */
  of(first: string): readonly string[] {
    return [...(this.byFirst.get(first) ?? [first])];
  }

  /** The command has ended: what it was the first of is over. */
  end(first: string): void {
    this.byFirst.delete(first);
  }
}
