/**
 * A program that makes the pinned Deno forget timers. Each timer is set while a completed operation is
 * resolved, in a turn of the event loop in which another timer was due. Prints "fired" once all timers have
 * fired. With the argument `unguarded` it runs without the workaround.
 */

import { keepTimersFiring } from "../../../lib/system/process.ts";

const ROUNDS = 10;

interface Core {
  setPromiseHooks(init: null, before: null, after: null, resolve: () => void): void;
}

/** Returns Deno's core. Its promise hooks run code exactly within that turn. */
function core(): Core {
  const symbol = Reflect.get(Deno, "internal");
  return Reflect.get(Deno, symbol).core;
}

if (Deno.args[0] !== "unguarded") keepTimersFiring();

let wasDue = false;
let isSet = false;
let fired = Promise.withResolvers<void>();
core().setPromiseHooks(null, null, null, () => {
  if (!wasDue || isSet) return;
  isSet = true;
  setTimeout(fired.resolve, 1);
});

for (let round = 0; round < ROUNDS; round++) {
  wasDue = isSet = false;
  fired = Promise.withResolvers<void>();
  setTimeout(() => wasDue = true, 0);
  const operation = Deno.stat("/");
  const begun = performance.now();
  while (performance.now() - begun < 10); // until the timer is due and the operation has completed
  await operation;
  if (isSet) await fired.promise; // in some rounds both happen in different turns
}
Deno.stdout.writeSync(new TextEncoder().encode("fired"));
Deno.exit(0);
