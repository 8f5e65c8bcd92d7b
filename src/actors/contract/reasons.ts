import type { Reason } from '../../machines/domain/command.ts';

export interface ReasonText {
  /** What happened: one sentence for a person. */
  readonly message: string;
  /** What to do about it, null where there is nothing to do. */
  readonly hint: string | null;
}

/** What a person is told when whoever ended the command had nothing more exact to say. */
export const REASON_TEXTS: { readonly [R in Reason]: ReasonText } = {
  retained: {
    message: 'The command was stored on the broker and not sent just now, so it was not executed.',
    hint: 'Send commands without the retain flag, and delete this one by an empty retained message.',
  },
  malformed: { message: 'The message could not be understood.', hint: 'See the topics page for what may be sent.' },
  tooLarge: { message: 'The message is larger than 8 KiB.', hint: 'A command is a word or a small JSON object.' },
  unknownCar: {
    message: 'There is no car of this name.',
    hint: 'The names of the cars are the retained state topics.',
  },
  unknownCommand: { message: 'There is no such command.', hint: null },
  invalidOption: { message: 'A value is not allowed.', hint: null },
  unsupported: { message: 'This car, or its region, does not have this command.', hint: null },
  idReused: {
    message: 'This id was used for another command within the last ten minutes or so.',
    hint: 'Give every command an id of its own.',
  },
  queueFull: { message: 'Too many commands are waiting for this car.', hint: 'Wait for the results of earlier ones.' },
  superseded: { message: 'A later command made this one pointless before its turn came.', hint: null },
  expired: { message: 'The command was too old when its turn came, so nothing was sent.', hint: null },
  notArmed: {
    message: 'This command must be allowed in the configuration first.',
    hint: 'Set controls: all if you want it.',
  },
  readOnly: { message: 'The daemon is configured to read only.', hint: 'Set read_only: false if you want commands.' },
  tokenRejectedAfterRefresh: {
    message: 'The cloud refused our token, and the fresh one too.',
    hint: 'If that stays so, log in anew.',
  },
  freshTokenRejected: {
    message: 'The cloud refuses even fresh tokens at the moment.',
    hint: 'The daemon tries again by itself.',
  },
  refreshFailed: { message: 'The session could not be renewed.', hint: 'The daemon tries again by itself.' },
  refreshLimit: {
    message: 'The session was renewed too often within a short time.',
    hint: 'The daemon tries again by itself after some minutes.',
  },
  loginBudget: {
    message: 'The number of logins allowed per day is used up, to protect the account.',
    hint: 'The daemon logs in again when the day is over.',
  },
  credentialsRejected: {
    message: 'The cloud refuses the account: user name, password or refresh token.',
    hint: 'Correct the configuration and start again.',
  },
  consentRequired: {
    message: 'The vendor wants its terms accepted first.',
    hint: "Open the vendor's app or site, log in and accept them.",
  },
  otpRequired: {
    message: 'The vendor asks for a one-time code, which a daemon cannot enter.',
    hint: 'Switch the two-step login off, or give a refresh token of 48 characters as the password; then run bluelinkd login.',
  },
  wrongPin: {
    message: 'This command needs the PIN of the account, which is missing or was refused.',
    hint: 'Correct the PIN in the configuration and start again.',
  },
  cloudUnavailable: { message: "The vendor's cloud is out of order or cannot be reached.", hint: 'Try again later.' },
  rateLimited: { message: 'The cloud allows no more calls for now.', hint: 'Try again later, and poll less often.' },
  budget: {
    message: 'Our own limits do not allow this read.',
    hint: 'Wait, or raise the limits in the configuration.',
  },
  carBusy: { message: 'The car is still busy with another command.', hint: 'Try again in a minute.' },
  carRefused: {
    message: 'The car refused the command.',
    hint: 'A door may be open, the engine on, or the key inside.',
  },
  carUnreachable: {
    message: 'The car did not answer.',
    hint: 'It may be without network, or its 12 V battery be low.',
  },
  noConfirmation: {
    message: 'The command was sent, but nothing shows whether the car carried it out.',
    hint: 'Look at the car, or refresh, before you send it again.',
  },
  invalidResponse: { message: 'The cloud gave an answer that we do not understand.', hint: 'Try again later.' },
  journalUnavailable: {
    message: 'The command could not be written down, so it was not sent.',
    hint: 'Check that the state directory is writable and not full.',
  },
  shuttingDown: { message: 'The daemon is shutting down.', hint: 'Send the command again after the restart.' },
  restarted: {
    message: 'The daemon restarted while the command was under way.',
    hint: 'Look at the state of the car before you send it again.',
  },
};
