/** Packages made for Node expect its timers (with `unref`), not the web's. */
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
