import type { Control } from '../../../machines/domain/command.ts';
import { type JsonObject, refusal } from '../payload.ts';
import type { CommandDefinition, Parsed } from './definition.ts';

/** Words, in lower case, and what they ask for. */
export type Words<C extends Control> = { readonly [word: string]: C };

/** A command that is one word: bare, or as the `action` of a JSON object. */
export function actionCommand<C extends Control>(name: C['name'], words: Words<C>): CommandDefinition<C> {
  const all = Object.keys(words);
  const hint = `Send ${orList(all)}, or {"action": "${all[0]}"}.`;
  return {
    name,
    keys: ['action'],
    hint,
    fromWord: (word) => commandOf(words, word) ?? refusal('malformed', `The message is not ${quotedList(all)}.`, hint),
    fromObject: (object) => fromAction(object, words, hint),
  };
}

/** The command that the `action` of a JSON object names. */
export function fromAction<C extends Control>(object: JsonObject, words: Words<C>, hint: string): Parsed<C> {
  if (object.action === undefined) return refusal('malformed', 'The JSON has no "action".', hint);
  const command = typeof object.action === 'string' ? commandOf(words, object.action.toLowerCase()) : null;
  return command ?? refusal('invalidOption', `The "action" is not ${quotedList(Object.keys(words))}.`, hint);
}

export function commandOf<C extends Control>(words: Words<C>, word: string): Parsed<C> | null {
  const command = Object.hasOwn(words, word) ? words[word] : undefined;
  return command === undefined ? null : { ok: true, command };
}

/** For a sentence, `"on" or "off"`: without the quotes some words would read as part of it. */
export function quotedList(words: readonly string[]): string {
  return orList(words.map((word) => `"${word}"`));
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
