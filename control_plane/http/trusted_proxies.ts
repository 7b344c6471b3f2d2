/** Trusted reverse proxies, and the caller's address behind them. */

import { BlockList, isIP } from "node:net";
import { settingInvalid } from "../../lib/problems/cli.ts";

/**
 * Parses IP addresses and networks such as "10.0.0.3, 172.16.0.0/12"; `undefined` if there are none.
 * @throws `setting_invalid`.
 */
export function trustedProxies(
  setting: { readonly value: string; readonly source: string } | undefined,
): BlockList | undefined {
  if (!setting || setting.value === "") return undefined;
  const proxies = new BlockList();
  for (const text of setting.value.split(",").map((part) => part.trim())) {
    const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const bits = isIP(address) === 6 ? 128 : 32;
    if (isIP(address) === 0 || Number(length ?? bits) > bits) {
      const fault = `has "${text}", which is not an IP address or network`;
      throw settingInvalid("address of the proxy", { source: setting.source, fault });
    }
    proxies.addSubnet(address, Number(length ?? bits), familyOf(address));
  }
  return proxies;
}

/**
 * Returns the caller's IP address. A proxy appends the address of its client to `X-Forwarded-For`. Earlier
 * entries are used only if a trusted proxy appended them, because callers can send any value.
 */
export function callerAddress(
  { headers }: Request,
  { peer, proxies }: { readonly peer: string; readonly proxies: BlockList },
): string {
  // From its end, and no further than it is believed: a stranger may have made it as long as a header gets.
  let named = headers.get("x-forwarded-for") ?? "";
  let from = peer;
  while (proxies.check(from, familyOf(from))) {
    const comma = named.lastIndexOf(",");
    const caller = addressIn(named.slice(comma + 1).trim());
    if (caller === undefined) return from;
    named = named.slice(0, Math.max(comma, 0));
    from = caller;
  }
  return from;
}

/** Some proxies include the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(text: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[(.+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return isIP(address) === 0 ? undefined : address;
}

const familyOf = (address: string): "ipv4" | "ipv6" => isIP(address) === 6 ? "ipv6" : "ipv4";
