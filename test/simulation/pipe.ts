import { Duplex } from 'node:stream';
import type { Scope } from './scope.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How long bytes are under way. */
const LATENCY_MS = 1;

/** One end of a connection in memory. */
class End extends Duplex {
  readonly #time: VirtualTime;
  readonly #scope: Scope;
  readonly #line: Line;
  #peer: End | null = null;
  #inbox: Buffer[] = [];
  #isComing = false;

  constructor(time: VirtualTime, scope: Scope, line: Line) {
    super({ allowHalfOpen: false });
    this.#time = time;
    this.#scope = scope;
    this.#line = line;
    // Whoever uses it listens too; without a listener an error would end the process.
    this.on('error', () => undefined);
  }

  join(peer: End): void {
    this.#peer = peer;
  }

  /** What is written within one step arrives as one piece, however it was written. */
  arrive(chunk: Buffer): void {
    this.#inbox.push(chunk);
    if (this.#isComing) return;
    this.#isComing = true;
    this.#time.after(LATENCY_MS, this.#scope, () => {
      this.#isComing = false;
      const whole = Buffer.concat(this.#inbox.splice(0));
      if (!this.destroyed && !this.#line.isSilent) this.push(whole);
    });
  }

  hangUp(): void {
    this.#time.after(LATENCY_MS, this.#scope, () => {
      if (!this.destroyed && !this.#line.isSilent) this.push(null);
    });
  }

  cut(): void {
    this.#time.after(0, this.#scope, () => {
      this.destroy(Object.assign(new Error('The connection was cut.'), { code: 'ECONNRESET' }));
    });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#scope.alive && !this.#line.isSilent) this.#peer?.arrive(chunk);
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#scope.alive) this.#peer?.hangUp();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#scope.alive) this.#peer?.hangUp();
    done(error);
  }
}

/** A connection in memory. Both ends hear of nothing within the step in which it happens. */
export class Line {
  readonly near: Duplex;
  readonly far: Duplex;
  /** Loses everything without a word. */
  isSilent = false;
  readonly #ends: readonly [End, End];

  constructor(time: VirtualTime, near: Scope, far: Scope) {
    const ends = [new End(time, near, this), new End(time, far, this)] as const;
    ends[0].join(ends[1]);
    ends[1].join(ends[0]);
    this.#ends = ends;
    this.near = ends[0];
    this.far = ends[1];
  }

  /** As when a router restarts: both ends notice. */
  cut(): void {
    for (const end of this.#ends) end.cut();
  }

  /** The near end belongs to somebody who has died: the far one reads the end. */
  bury(): void {
    this.#ends[1].hangUp();
  }
}
