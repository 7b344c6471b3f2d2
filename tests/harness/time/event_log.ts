/** A list of events. A test can wait for an event instead of sleeping. */

export interface EventLog {
  readonly events: readonly string[];
  add(event: string): void;
  /** Resolves when the event is in the list. */
  until(event: string): Promise<void>;
}

export function eventLog(): EventLog {
  const events: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const signalOf = (event: string): PromiseWithResolvers<void> => {
    const known = waiting.get(event) ?? Promise.withResolvers<void>();
    waiting.set(event, known);
    return known;
  };
  return {
    events,
    add(event) {
      events.push(event);
      signalOf(event).resolve();
    },
    until: (event) => signalOf(event).promise,
  };
}
