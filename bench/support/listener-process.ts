import { get } from 'node:http';
import net from 'node:net';

/**
 * Those who look at an inspector: `reads`, `neverReads`, a `crowd` of 200 that never reads, or a `mob`: such a crowd that
 * comes again whenever it is turned away, and somebody who sends garbage. Arguments: who, the URL.
 */
const [who = 'reads', url = ''] = process.argv.slice(2);
const { hostname, port, host } = new URL(url);
const CROWD = 200;

let entries = 0;
let dropped = 0;

function read(): void {
  get(`${url}/events`, { agent: false }, (response) => {
    response.setEncoding('utf8').on('data', (text: string) => {
      // A message may be cut anywhere; its end cannot.
      entries += text.split('\n\n').length - 1;
      if (text.includes('event: bluelinkd.dropped')) dropped += 1;
    });
    process.send?.({ tell: 'ready' });
  });
}

function ignore(count: number): void {
  let open = 0;
  for (let n = 0; n < count; n += 1) {
    const socket = net.connect(Number(port), hostname, () => {
      socket.pause();
      socket.write(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`, () => {
        open += 1;
        if (open === count) process.send?.({ tell: 'ready' });
      });
    });
    socket.on('error', () => undefined);
  }
}

/** As a browser does. */
const AGAIN_MS = 1_000;

/** Comes until it is let in, and whenever it has been thrown out. */
function insist(text: string, isPaused: boolean): void {
  const socket = net.connect(Number(port), hostname, () => socket.write(text));
  if (isPaused) socket.pause();
  else socket.resume();
  socket.on('error', () => undefined);
  // Nothing is read, so nothing else tells that it is over.
  const timer = setInterval(() => socket.write('\r\n'), AGAIN_MS);
  socket.on('close', () => {
    clearInterval(timer);
    setTimeout(() => insist(text, isPaused), AGAIN_MS);
  });
}

function riot(): void {
  for (let n = 0; n < CROWD; n += 1) insist(`GET /events HTTP/1.1\r\nHost: ${host}\r\n\r\n`, true);
  insist(`\u0000\u0001GARBAGE ${'\r\n'.repeat(10_000)}`, false);
  setTimeout(() => process.send?.({ tell: 'ready' }), AGAIN_MS);
}

process.on('message', (message) => {
  const { id, ask } = message as { readonly id: number; readonly ask: string };
  if (ask === 'heard') process.send?.({ id, answer: { entries, dropped } });
});
if (who === 'reads') read();
else if (who === 'mob') riot();
else ignore(who === 'crowd' ? CROWD : 1);
