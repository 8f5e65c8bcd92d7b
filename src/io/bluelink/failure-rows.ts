import type { FailureKind } from '../../machines/domain/failure.ts';

/** What the call was for: the same answer means different things. */
export type CallName =
  | 'control'
  | 'cachedRead'
  | 'forcedRead'
  | 'record'
  | 'list'
  | 'pin'
  | 'register'
  | 'refresh'
  /** The step of a login that shows the credentials. */
  | 'signIn'
  /** Any other step of a login: what fails there says nothing about the credentials. */
  | 'login';

export interface Row {
  readonly kind: FailureKind;
  readonly message: string;
  /** A control answered like this may have reached the car. */
  readonly mayHaveReached?: true;
  /** Not the word of the cloud's own logic, although it looks like it. */
  readonly notAnswered?: true;
}

/** What several rules, or nobody's answer, come to. */
export const ROWS = {
  tokenRefused: { kind: 'tokenRefused', message: 'The cloud no longer accepts the access token.' },
  grantRefused: { kind: 'grantRefused', message: 'The cloud no longer renews this session; a new login is needed.' },
  credentialsRejected: {
    kind: 'credentialsRejected',
    message: 'The cloud does not accept the user name and password.',
  },
  consentRequired: {
    kind: 'consentRequired',
    message: "Open the vendor's app or web site once, log in and accept the new terms; then log in again here.",
  },
  otpRequired: { kind: 'otpRequired', message: 'The vendor asks for a one-time code, which only a person can enter.' },
  blocked: {
    kind: 'blocked',
    message: "The vendor's firewall blocks us as abusive for some hours; the password is not the reason.",
  },
  loginClosed: { kind: 'cloudUnavailable', message: 'This way of logging in is closed at the moment.' },
  unavailable: {
    kind: 'cloudUnavailable',
    message: 'The cloud is out of order or under maintenance.',
  },
  unintelligible: { kind: 'invalidResponse', message: 'The cloud answered something that we do not understand.' },
  unreadable: {
    kind: 'invalidResponse',
    message: 'The cloud answered something that we do not understand.',
    mayHaveReached: true,
  },
  wrongPin: { kind: 'wrongPin', message: 'The cloud does not accept the PIN; correct it in the configuration.' },
} as const satisfies Record<string, Row>;
