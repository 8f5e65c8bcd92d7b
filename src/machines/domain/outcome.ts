import type { CallResult } from './command.ts';
import type { CloudFailure, Scope } from './failure.ts';

/** Which token a call was really made with. `generation` counts tokens; it never goes back. */
export interface TokenUse {
  readonly generation: number;
  readonly scope: Scope;
}

/**
 * `device` is which device id the call was made with: ids are counted like tokens, by a number that goes up with every
 * registration. Absent if it needed none, or came to nothing before that.
 */
export type CallOutcome =
  | { readonly ok: true; readonly value: CallResult; readonly token: TokenUse; readonly device?: number }
  | { readonly ok: false; readonly failure: CloudFailure; readonly token: TokenUse; readonly device?: number };

/** How our device was registered again. `asked` is false when this request made no call: it shared another's. */
export type RegistrationOutcome =
  | { readonly ok: true; readonly asked: boolean }
  | { readonly ok: false; readonly failure: CloudFailure; readonly asked: boolean };

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
