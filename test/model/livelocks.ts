import { Integers } from './state-set.ts';

/** Which states can still come to rest when nothing more arrives from outside. */
export class Progress {
  /** The edges without a price, as pairs. */
  private readonly edges = new Integers();
  private readonly rests: number[] = [];

  get restCount(): number {
    return this.rests.length;
  }

  leads(from: number, to: number): void {
    this.edges.push(from);
    this.edges.push(to);
  }

  rest(state: number): void {
    this.rests.push(state);
  }

  /** The first of so many states from which no rest is reachable, or -1: a livelock. */
  firstStuck(states: number): number {
    const heads = new Int32Array(states).fill(-1);
    const links = new Int32Array(this.edges.length / 2);
    for (let edge = 0; edge < links.length; edge += 1) {
      const to = this.edges.at(edge * 2 + 1);
      links[edge] = heads[to] ?? -1;
      heads[to] = edge;
    }
    const reaches = new Uint8Array(states);
    const todo = [...this.rests];
    for (const rest of todo) reaches[rest] = 1;
    for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
      for (let edge = heads[state] ?? -1; edge !== -1; edge = links[edge] ?? -1) {
        const from = this.edges.at(edge * 2);
        if (reaches[from] === 1) continue;
        reaches[from] = 1;
        todo.push(from);
      }
    }
    return reaches.indexOf(0);
  }
}
