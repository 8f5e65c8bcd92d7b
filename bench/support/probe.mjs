/*
 * Loaded before the program into every process that is measured (`node --import`): answers how much processor time and
 * memory the process has used so far. It does not keep the process alive. Plain JavaScript, because the daemon is run as
 * it is shipped, without a loader.
 */
process.on('message', (message) => {
  if (message?.ask !== 'usage') return;
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  const cpuMs = (user + system) / 1000;
  process.send?.({ id: message.id, answer: { cpuMs, rssBytes: rss, peakRssBytes, heapUsedBytes: heapUsed } });
});

// A bench that is killed leaves nobody behind.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
