import { describe, expect, it } from 'vitest';
import { addressesOfLine } from '../../../../src/io/inspector/page/log-address.ts';

const COMMAND = 'account/home/vehicle/c0/command/3';
const of = (fields: Readonly<Record<string, unknown>>) =>
  addressesOfLine(fields, (id) => (id === 'j-1' ? COMMAND : undefined));

/** Lines of a daemon's log, as it has written them. */
describe('whose a line of the log is', () => {
  it('the token’s and the breaker’s are theirs', () => {
    expect(of({ actor: 'token', account: 'home', generation: 1, current: 1, scope: 'access' })).toEqual([
      'account/home/token',
    ]);
    expect(of({ actor: 'breaker', account: 'home', openForMs: 30_000 })).toEqual(['account/home/breaker']);
  });

  it('what names a command is that command’s, whoever wrote it', () => {
    expect(of({ actor: 'command', account: 'home', id: 'j-1', command: 'lock', calls: 1 })).toEqual([COMMAND]);
    expect(of({ actor: 'gateway', account: 'home', call: 'control', id: 'j-1', attempt: 1, generation: 1 })).toEqual([
      COMMAND,
    ]);
    expect(of({ actor: 'bridge', id: 'j-1', command: 'lock', account: 'home' })).toEqual(['bridge', COMMAND]);
  });

  it('what names a command that nobody knows is its account’s', () => {
    expect(of({ actor: 'command', account: 'home', id: 'gone', command: 'lock', calls: 1 })).toEqual(['account/home']);
  });

  it('what the gateway does for the session is the token’s, the rest the account’s', () => {
    for (const call of ['refresh', 'signIn', 'login']) {
      expect(of({ actor: 'gateway', account: 'home', call, durationMs: 64 }), call).toEqual(['account/home/token']);
    }
    expect(of({ actor: 'gateway', account: 'home', skipped: 1 })).toEqual(['account/home']);
    expect(of({ actor: 'account', account: 'home', cars: 1 })).toEqual(['account/home']);
    // A car that died: the line does not say which.
    expect(of({ actor: 'vehicle', account: 'home', restarts: 1 })).toEqual(['account/home']);
  });

  it('the broker’s are the bridge’s, and what is nobody’s is the fleet’s', () => {
    expect(of({ actor: 'mqtt', broker: '127.0.0.1:1883', protocolVersion: 5 })).toEqual(['bridge']);
    expect(of({ version: '0.1.0', accounts: 1, simulated: false })).toEqual(['fleet']);
    expect(of({ from: 'breaker', to: 'token', event: 'BREAKER_CLOSED' })).toEqual(['fleet']);
    expect(of({ actor: 'inspector', url: 'http://127.0.0.1:9465' })).toEqual(['fleet']);
    expect(of({ actor: 'account/home' })).toEqual(['account/home']);
  });

  it('a field of another type than it should have is no address', () => {
    expect(of({ actor: 7, account: { name: 'x' }, id: ['j-1'] })).toEqual(['fleet']);
  });
});
