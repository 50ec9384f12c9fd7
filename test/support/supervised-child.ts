/** A child for the supervisor's tests: sends its arguments and environment, and a sign of life each time that it is asked. */
const [mode = 'polite'] = process.argv.slice(2);

if (mode === 'stubborn') process.on('SIGTERM', () => {});
process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message === 'ping') process.send?.('pong');
  if (message === 'exit') process.exit(3);
});
if (mode !== 'mute') process.send?.({ args: process.argv.slice(2), env: process.env });
