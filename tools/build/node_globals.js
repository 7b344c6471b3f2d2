/** Globals that packages for Node expect, such as timers with `unref`. */
export { Buffer } from "node:buffer";
export { default as process } from "node:process";
export {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from "node:timers";
