import type { Address } from '../../src/machines/domain/events.ts';
import type { Local } from './local.ts';

/** What a step makes of the actors of a world, kept apart from them: few change. */
export class Changes {
  private actors: ReadonlyMap<Address, Local> = new Map();
  private readonly touched: Address[] = [];
  /** What has become of those; null: they are gone. */
  private readonly became: (Local | null)[] = [];

  begin(actors: ReadonlyMap<Address, Local>): void {
    this.actors = actors;
    this.touched.length = 0;
    this.became.length = 0;
  }

  get(address: Address): Local | null {
    const at = this.touched.indexOf(address);
    return at === -1 ? (this.actors.get(address) ?? null) : (this.became[at] ?? null);
  }

  set(address: Address, local: Local | null): void {
    const at = this.touched.indexOf(address);
    if (at === -1) {
      this.touched.push(address);
      this.became.push(local);
    } else this.became[at] = local;
  }

  /** Also of those that are gone. */
  addresses(): readonly Address[] {
    return [...this.actors.keys(), ...this.touched];
  }

  done(): ReadonlyMap<Address, Local> {
    if (this.touched.length === 0) return this.actors;
    const actors = new Map(this.actors);
    for (const [at, address] of this.touched.entries()) {
      const local = this.became[at] ?? null;
      if (local === null) actors.delete(address);
      else actors.set(address, local);
    }
    return actors;
  }
}
