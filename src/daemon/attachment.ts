import { INSPECTOR_PORT } from '../io/config/inspector-section.ts';
import type { ResolvedConfig } from '../io/config/load.ts';
import type { Attachment } from '../io/inspector/attach.ts';
import { addressIn } from './inspector-address.ts';

/** Where `record` and `trace` ask: where they were told to, where the state folder's daemon is, or the usual place. */
export function attachmentFor(config: ResolvedConfig, url: string | null): Attachment {
  const { port, token } = config.inspector;
  const usual = `http://127.0.0.1:${port === null || port === 0 ? INSPECTOR_PORT : port}`;
  return { url: url ?? reachable(addressIn(config.state_dir)) ?? usual, token };
}

/** An inspector that listens everywhere is asked on this machine. */
function reachable(url: string | null): string | null {
  if (url === null) return null;
  const { hostname, port } = new URL(url);
  return hostname === '0.0.0.0' || hostname === '[::]' ? `http://127.0.0.1:${port}` : url;
}
