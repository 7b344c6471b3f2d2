/** The control plane in a separate process without Temporal. REST and the pages work. */

import { type PlaneChild, spawnPlane } from "../support/spawn_plane.ts";

/** Nothing listens on this address, so that Temporal is always down. */
const NOWHERE = "127.0.0.1:1";

export const spawnPlaneAlone = (data: string): Promise<PlaneChild> =>
  spawnPlane({ data, flags: ["--temporal-address", NOWHERE] });

/** Starts it and waits until it works. */
export async function startPlaneAlone(data: string): Promise<PlaneChild> {
  const plane = await spawnPlaneAlone(data);
  await plane.logged("temporal is not reachable");
  return plane;
}
