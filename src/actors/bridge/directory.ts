import type { CarInfo } from '../../machines/domain/command.ts';
import { carNameOf, isCarName } from '../contract/topics.ts';

/** A car as the broker's side knows it. */
export interface ListedCar {
  readonly car: CarInfo;
  readonly account: string;
  /** Its level in topics. */
  readonly topicName: string;
}

/** Which car is meant by a name in a topic, or by the cloud's id. Names are given by configuration, else the id serves. */
export class Directory {
  private readonly byTopicName = new Map<string, ListedCar>();
  private readonly byId = new Map<string, ListedCar>();
  private readonly names: ReadonlyMap<string, string>;
  /** The ids and VINs in `names` that no car has had. */
  private readonly unmatched: Set<string>;

  /** @param names the configured name per vehicle id or VIN. */
  constructor(names: ReadonlyMap<string, string>) {
    this.names = names;
    this.unmatched = new Set(names.keys());
  }

  /** @returns the cars that could not get the name that they should have, because another has it. */
  learn(
    account: string,
    cars: readonly CarInfo[],
  ): { readonly listed: readonly ListedCar[]; readonly clashes: number } {
    let clashes = 0;
    const listed: ListedCar[] = [];
    for (const car of cars) {
      this.unmatched.delete(car.id);
      this.unmatched.delete(car.vin);
      const wanted = this.names.get(car.id) ?? this.names.get(car.vin) ?? carNameOf(car.id);
      const holder = this.byTopicName.get(wanted);
      const isFree = holder === undefined || (holder.car.id === car.id && holder.account === account);
      const topicName = isCarName(wanted) && isFree ? wanted : carNameOf(`${account}/${car.id}`);
      if (topicName !== wanted) clashes += 1;
      const entry = { car, account, topicName };
      this.byTopicName.set(topicName, entry);
      this.byId.set(`${account}/${car.id}`, entry);
      listed.push(entry);
    }
    return { listed, clashes };
  }

  /** The configured names that are no car's, once. */
  takeUnmatched(): readonly string[] {
    const names = [...this.unmatched].flatMap((id) => this.names.get(id) ?? []);
    this.unmatched.clear();
    return names;
  }

  named(topicName: string): ListedCar | null {
    return this.byTopicName.get(topicName) ?? null;
  }

  of(account: string, carId: string): ListedCar | null {
    return this.byId.get(`${account}/${carId}`) ?? null;
  }

  ofAccount(account: string): readonly ListedCar[] {
    return [...this.byId.values()].filter((listed) => listed.account === account);
  }

  all(): readonly ListedCar[] {
    return [...this.byId.values()];
  }
}
