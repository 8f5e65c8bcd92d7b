import type { Command } from '../../../machines/domain/command.ts';
import type { JsonObject, Refusal } from '../payload.ts';

export type Parsed<C extends Command> =
  | {
      readonly ok: true;
      readonly command: C;
      /** Keys that the command knows and that mean nothing here. */
      readonly ignored?: readonly string[];
    }
  | Refusal;

/** How one command is written on MQTT. A new command is one file with one of these, and one row in the table. */
export interface CommandDefinition<C extends Command> {
  /** The last level of its topic. */
  readonly name: C['name'];
  /** The keys that its JSON form knows, besides `id` and `expires_at`; others are ignored and named in the result. */
  readonly keys: readonly string[];
  /** What to send, for whoever sent something else. */
  readonly hint: string;
  /** `word` is in lower case. A word that is none of this command's is `malformed`. */
  fromWord(word: string): Parsed<C>;
  /** A missing key is `malformed`, a value that is not allowed `invalidOption`. Nothing is rounded or clamped. */
  fromObject(object: JsonObject): Parsed<C>;
}
