import type { CallResult } from './command.ts';
import type { CloudFailure, Scope } from './failure.ts';

/** Which token a call was really made with. `generation` counts tokens; it never goes back. */
export interface TokenUse {
  readonly generation: number;
  readonly scope: Scope;
}

export type CallOutcome =
  | { readonly ok: true; readonly value: CallResult; readonly token: TokenUse }
  | { readonly ok: false; readonly failure: CloudFailure; readonly token: TokenUse };

/** How a session was obtained or renewed. */
export type SessionOutcome =
  | {
      readonly ok: true;
      /** Greater than every earlier one, and stored before it is answered (the stored one again if `asked` is false). */
      readonly generation: number;
      /** ms from now until the access token expires. */
      readonly lifetimeMs: number;
      /** False when no server was asked, because the stored session is still good. */
      readonly asked: boolean;
    }
  | { readonly ok: false; readonly failure: CloudFailure };
