/*
 * The daemon's imports and nothing else: `imports-only.mjs <path of dist> run|demo`. What it takes is what a program with
 * the same libraries takes before it does anything; it says `ready` when all is loaded, and waits to be ended.
 */
const [dist, command] = process.argv.slice(2);
process.argv.length = 2;
process.argv.push('--version');
process.env.LOG_LEVEL = 'error';
await import(`file://${dist}/main.js`);
await import(`file://${dist}/daemon/${command}.js`);
await import('bluelinky');
if (command === 'demo') await import('aedes');
process.channel?.ref();
process.send?.({ tell: 'ready' });
