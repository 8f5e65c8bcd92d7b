import { get, type IncomingMessage } from 'node:http';
import { Happenings } from '../../support/happenings.ts';

export interface Told {
  readonly type: string;
  readonly seq: number;
  readonly at: number;
  readonly [field: string]: unknown;
}

/** Somebody who reads `/events`. */
export class Stream {
  /** Every message, the greeting too. */
  readonly told = new Happenings<Told>();
  readonly ids: string[] = [];
  /** All that came, as it came. */
  text = '';
  readonly ended: Promise<void>;
  /** Ours, as the server knows it. */
  readonly port: number;
  readonly #response: IncomingMessage;
  #rest = '';

  private constructor(response: IncomingMessage) {
    this.#response = response;
    this.port = response.socket.localPort ?? 0;
    this.ended = new Promise((resolve) => response.once('close', () => resolve()));
    response.on('error', () => undefined);
    response.setEncoding('utf8').on('data', (chunk: string) => this.#heard(chunk));
  }

  /** Rejects with the status and what was said if it is refused. */
  static open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
    return new Promise((resolve, reject) => {
      const request = get(url, { headers, agent: false }, (response) => {
        if (response.statusCode === 200) return resolve(new Stream(response));
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => reject(new Error(`${response.statusCode} ${text}`)));
        return undefined;
      });
      request.on('error', reject);
    });
  }

  get all(): readonly Told[] {
    return this.told.all;
  }

  /** Stops reading, so that what is sent piles up. */
  pause(): void {
    this.#response.pause();
  }

  resume(): void {
    this.#response.resume();
  }

  close(): void {
    this.#response.destroy();
  }

  #heard(chunk: string): void {
    this.text += chunk;
    const messages = (this.#rest + chunk).split('\n\n');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) {
      const lines = new Map(
        message.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const id = lines.get('id');
      if (id !== undefined) this.ids.push(id);
      const told = JSON.parse(lines.get('data') ?? 'null') as Told | null;
      if (told === null || told.type !== lines.get('event')) throw new Error(`An odd message: ${message}`);
      this.told.add(told);
    }
  }
}
