import type { Exploration, Found } from './explore.ts';
import { replay, verdict } from './real/replay.ts';
import { brief, readable } from './trace.ts';

/** What a test throws that sees a promise broken. Only its message is printed: where it was thrown tells nothing. */
export class Broken extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'A promise is broken';
    this.stack = '';
  }
}

/** Tells the way to a violation in full where an invariant is broken first, and in one line wherever it is again. */
export class Teller {
  /** The slice at which the way to each was told. */
  private readonly told = new Map<string, string>();

  /** Also whether the whole actor system shows it. */
  async tell(exploration: Exploration, found: Found): Promise<string> {
    const { slice } = exploration;
    const known = this.told.get(found.invariant);
    if (known !== undefined) return `${brief(exploration)} ${found.message} The way there is shown at "${known}".`;
    this.told.set(found.invariant, slice.name);
    return `${readable(exploration)}\n\n${verdict(await replay(slice, found))}`;
  }
}
