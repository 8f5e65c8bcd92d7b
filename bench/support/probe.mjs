/*
 * Loaded before the program into every process that is measured (`node --import`): answers how much processor time and
 * memory the process has used so far. It does not keep the process alive. Plain JavaScript, because the daemon is run as
 * it is shipped, without a loader.
 */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
/** Made when it is asked for the first time: it costs a little. */
let delay;
/** Processor time of this process between two rounds of a timer, ms: what a delay would be on a machine of its own. */
let cpuOfRounds = [];

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function watchLoop() {
  delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let before = cpuMs();
  setInterval(() => {
    const now = cpuMs();
    cpuOfRounds.push(now - before);
    before = now;
  }, RESOLUTION_MS).unref();
}

/** How long the main thread could have run, but had to wait for a processor, ms; null where the system does not say. */
function starvedMs() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return null;
  }
}

const answers = {
  usage() {
    const { rss, heapUsed } = process.memoryUsage();
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    return { cpuMs: cpuMs(), rssBytes: rss, peakRssBytes, heapUsedBytes: heapUsed, starvedMs: starvedMs() };
  },
  /** Needs `node --expose-gc`. */
  heap() {
    for (let n = 0; n < 3; n += 1) globalThis.gc();
    return process.memoryUsage().heapUsed;
  },
  loopDelay() {
    if (delay === undefined) watchLoop();
    // The histogram holds the whole time between two rounds.
    const ms = (nanoseconds) => (delay.count === 0 ? 0 : Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS));
    const sorted = cpuOfRounds.sort((one, other) => one - other);
    const cpuP99Ms = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0;
    const answer = { p50Ms: ms(delay.percentile(50)), p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max), cpuP99Ms };
    delay.reset();
    cpuOfRounds = [];
    return answer;
  },
};

process.on('message', (message) => {
  const answer = answers[message?.ask];
  if (answer !== undefined) process.send?.({ id: message.id, answer: answer() });
});

// A bench that is killed leaves nobody behind.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
