import { fitCommand } from '../contract/fit-command.ts';
import { idOfCorrelationData } from '../contract/message-id.ts';
import { type ParsedCommand, parseCommand } from '../contract/parse-command.ts';
import { payloadHash } from '../contract/payload-hash.ts';
import { responseTopicRefusal } from '../contract/response-topic.ts';
import { parseTopic, type Topics } from '../contract/topics.ts';
import type { InboundMessage, Origin } from '../ports.ts';
import type { Directory, ListedCar } from './directory.ts';

/** The id that the sender gave, in the text or as correlation data; null if it gave none. */
function idOf({ correlationData }: InboundMessage, parsed: ParsedCommand): string | null {
  if (parsed.id !== null) return parsed.id;
  return correlationData === null ? null : idOfCorrelationData(correlationData);
}

/** What a named command has in common with its repetitions; null for whatever else a message is. */
export function nameOf(message: InboundMessage, base: string): string | null {
  const request = parseTopic(base, message.topic);
  if (request?.kind !== 'command') return null;
  return sharedName(message, idOf(message, parseCommand(request.name, message.payload, message.receivedAt)));
}

/** The same where the id has been read already. */
export function sharedName({ topic }: InboundMessage, namedId: string | null): string | null {
  return namedId === null ? null : `${topic} ${namedId}`;
}

/** Who may have answers sent where. */
export interface AnswerRules {
  readonly topics: Topics;
  readonly discoveryPrefix: string;
  readonly responsePrefixes: readonly string[];
}

/** Where the answers go, and what is to be said if that is not where the sender wants them. */
function originOf(
  { responseTopic: wanted, correlationData }: InboundMessage,
  { car, name }: { readonly car: string; readonly name: string },
  { topics, discoveryPrefix, responsePrefixes }: AnswerRules,
): { readonly origin: Origin; readonly hint: string | null } {
  const rules = { base: topics.base, discoveryPrefix, allowedPrefixes: responsePrefixes };
  const hint = wanted === null ? null : responseTopicRefusal(wanted, rules);
  const responseTopic = hint === null ? wanted : null;
  return { origin: { resultTopic: topics.result(car, name), responseTopic, correlationData }, hint };
}

/** What is to be done, whichever car it is for. */
function workOf(name: string, { payload }: InboundMessage): string {
  return `${name}/${payloadHash(payload)}`;
}

/** ms until the sender no longer wants it: the earlier of what the message and its text say. */
export function expiryOf(message: InboundMessage, expiresAt: number | null): number | null {
  const byMessage = message.messageExpiryS === null ? null : message.messageExpiryS * 1000;
  const byText = expiresAt === null ? null : expiresAt - message.receivedAt;
  if (byMessage === null || byText === null) return byMessage ?? byText;
  return Math.min(byMessage, byText);
}

/** A message on the topic of a command, and all that can be read from it. */
export interface Asked {
  readonly message: InboundMessage;
  /** The last levels of the topic: the car, the command. */
  readonly carName: string;
  readonly command: string;
  /** Null if nobody has listed such a car. */
  readonly listed: ListedCar | null;
  /** As it fits to the car, if that is known. */
  readonly parsed: ParsedCommand;
  /** What is to be done, whichever car it is for: the same for repetitions. */
  readonly work: string;
  readonly namedId: string | null;
  readonly origin: Origin;
  /** What is to be said of the way to answer; null if there is nothing. */
  readonly hint: string | null;
}

/** @returns null for a message that asks for no command. */
export function readAsked(message: InboundMessage, directory: Directory, rules: AnswerRules): Asked | null {
  const request = parseTopic(rules.topics.base, message.topic);
  if (request?.kind !== 'command') return null;
  const { car: carName, name: command } = request;
  const listed = directory.named(carName);
  const asIs = parseCommand(command, message.payload, message.receivedAt);
  const parsed = listed === null ? asIs : fitCommand(asIs, listed.car);
  const work = workOf(command, message);
  return {
    message,
    carName,
    command,
    listed,
    parsed,
    work,
    namedId: idOf(message, parsed),
    ...originOf(message, request, rules),
  };
}
