import type { CarState } from '../../../src/io/simulator/car/car-state.ts';

/** One message that somebody has sent on a command topic. */
export interface Asked {
  readonly id: string;
  readonly car: string;
  /** The last level of the topic. */
  readonly name: string;
  readonly payload: string;
  /**
   * `control` and `read` are in order; `bad` must be refused; `repeat` is the same as an earlier one; `retained` was
   * stored on the broker while the daemon was away.
   */
  readonly kind: 'control' | 'read' | 'bad' | 'repeat' | 'retained';
  /** What the car is like once it is done; null: nothing shows it, or there is nothing to show. */
  readonly wants: ((state: CarState) => boolean) | null;
  /** ms after which its sender no longer wants it; null: never. */
  readonly expiresInMs: number | null;
}

/** What the daemon says of it, as its sender reads it. */
export interface Said {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly message: string;
  readonly joined?: string;
  readonly duplicate?: boolean;
}
