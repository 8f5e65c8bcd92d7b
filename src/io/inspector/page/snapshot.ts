export interface SnapshotHead {
  readonly kind: 'head';
  /** Another word for every process. */
  readonly boot: string;
  readonly version: string;
  readonly simulated: boolean;
  /** Number of the newest entry. */
  readonly seq: number;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  /** What the daemon says of it. */
  readonly sentence: string | null;
}

/** What the worker says, in this order: the head, entries, the end; or one of the others alone. */
export type SnapshotPart =
  | SnapshotHead
  | Refusal
  | { readonly kind: 'entries'; readonly entries: readonly unknown[] }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed' };

/** Fetches the snapshot in a worker. @returns how to stop it: nothing is told afterwards. */
export function loadSnapshot(onPart: (part: SnapshotPart) => void): () => void {
  const worker = new Worker('/assets/page/snapshot-worker.js', { type: 'module' });
  const stop = () => {
    worker.onmessage = null;
    worker.onerror = null;
    worker.terminate();
  };
  worker.onmessage = ({ data }: MessageEvent<SnapshotPart>) => {
    if (data.kind !== 'head' && data.kind !== 'entries') stop();
    onPart(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    stop();
    onPart({ kind: 'failed' });
  };
  return stop;
}
