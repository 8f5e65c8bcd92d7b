/** A device id of ours, and its number (`Device.count`). */
export interface SendingDevice {
  readonly id: string;
  readonly count: number;
}

const LIMIT = 1_000;

/**
 * Which device id every control was sent with. The cloud keeps the records of actions by device: after a new registration
 * those of before are found with the former id only.
 */
export class ActionDevices {
  readonly #sentWith = new Map<string, SendingDevice>();

  remember(actionId: string, device: SendingDevice): void {
    this.#sentWith.set(actionId, device);
    if (this.#sentWith.size <= LIMIT) return;
    for (const oldest of this.#sentWith.keys()) {
      this.#sentWith.delete(oldest);
      return;
    }
  }

  /** Null if it is not known: the control was sent by an earlier run, or long ago. */
  of(actionId: string): SendingDevice | null {
    return this.#sentWith.get(actionId) ?? null;
  }

  /** The cloud has forgotten this id: its records are lost. */
  forget(deviceId: string): void {
    for (const [actionId, { id }] of this.#sentWith) if (id === deviceId) this.#sentWith.delete(actionId);
  }
}
