import type { CloudFailure } from '../../../src/machines/domain/failure.ts';
import type { FakeCloud } from '../../support/fake-cloud.ts';

/** A cloud that keeps every control call and every refresh until a test lets it answer. */
export class HeldCloud {
  /** By car: what is in flight, with its attempt. */
  readonly calls = new Map<string, { readonly attempt: number; readonly answer: () => void }>();
  refresh: (() => void) | null = null;

  constructor(cloud: FakeCloud) {
    cloud.instead = (call, { attempt }) => {
      if (call.type !== 'control') return undefined;
      return new Promise<undefined>((resolve) => {
        this.calls.set(call.car, {
          attempt,
          answer: () => {
            this.calls.delete(call.car);
            resolve(undefined);
          },
        });
      });
    };
    cloud.refreshInstead = () =>
      new Promise<CloudFailure | undefined>((resolve) => {
        this.refresh = () => {
          this.refresh = null;
          resolve(undefined);
        };
      });
  }

  /** So that nothing is left in flight. */
  answerAll(): void {
    for (const { answer } of this.calls.values()) answer();
    this.refresh?.();
  }
}
