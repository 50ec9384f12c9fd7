/**
 * Which router a listener of a room receives from. Small rooms stay on one media worker, where nothing needs to be piped; what a router
 * carries beyond its share goes to where there is the least to do.
 */

/** A router that a room has already; `full`: its consumers have reached their number. */
export interface RoomPlace<Carrier> {
  on: Carrier;
  full: boolean;
}

/**
 * The media worker, or edge node, whose router a further listener uses: that of the room's origin while it is not full; then the least
 * loaded of those that the room is on already and that are not full; then the least loaded of all, where one that the room is on already
 * is preferred to an equal one, since each further one costs a pipe for each track.
 *
 * @param places the routers that the room has; the first is its origin
 * @param carriers those that run
 *
 * @example
 * placeListener([{ on: first, full: true }], [first, second]); // second, if it has less to do than the first
 */
export function placeListener<Carrier extends { readonly load: { readonly count: number } }>(
  places: readonly [RoomPlace<Carrier>, ...RoomPlace<Carrier>[]],
  carriers: readonly Carrier[],
): Carrier {
  const [origin] = places;
  if (!origin.full) return origin.on;
  const own = places.map(({ on }) => on).filter((carrier) => carriers.includes(carrier));
  const free = places.filter(({ on, full }) => !full && own.includes(on)).map(({ on }) => on);
  return leastLoaded(free) ?? leastLoaded([...own, ...carriers]) ?? origin.on;
}

/** The first of those that have the least to do. */
function leastLoaded<Carrier extends { readonly load: { readonly count: number } }>(
  carriers: readonly Carrier[],
): Carrier | undefined {
  let least: Carrier | undefined;
  for (const carrier of carriers) if (!least || carrier.load.count < least.load.count) least = carrier;
  return least;
}
