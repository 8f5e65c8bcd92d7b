import type { Log } from '../../src/actors/ports.ts';
import { startEmbeddedBroker } from '../../src/io/mqtt/embedded-broker.ts';

/** Our embedded broker as a program: `broker-process.ts <port>`. Ends at SIGTERM. */
const quiet: Log = { child: () => quiet, write: () => undefined };

await startEmbeddedBroker({ port: Number(process.argv[2]), log: quiet });
