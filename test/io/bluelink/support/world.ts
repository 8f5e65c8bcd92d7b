import { afterEach, beforeEach } from 'vitest';
import { openGateway, type TestGateway, type TestGatewayOptions } from './account.ts';
import { FakeCloud } from './fake-cloud.ts';

export interface World {
  /** A fresh one for every test. */
  readonly cloud: FakeCloud;
  /** A gateway that is closed after the test. */
  open(options?: TestGatewayOptions): Promise<TestGateway>;
}

/** A fake cloud for every test of the file, and gateways to it. */
export function useWorld(defaults: TestGatewayOptions = {}): World {
  let cloud: FakeCloud | null = null;
  const opened: { close(): Promise<void> }[] = [];
  beforeEach(async () => {
    cloud = await FakeCloud.start();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((gateway) => gateway.close()));
    await cloud?.close();
    cloud = null;
  });
  const current = () => {
    if (cloud === null) throw new Error('The world exists inside a test only.');
    return cloud;
  };
  return {
    get cloud() {
      return current();
    },
    async open(options = {}) {
      const made = await openGateway(current(), { ...defaults, ...options });
      opened.push(made.gateway);
      return made;
    },
  };
}
