/*
 * What anywidget hands to a view, as far as it is used here.
 */
export interface Host {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): unknown;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(content: unknown): unknown;
}

/** Call into the host; hosts without a kernel may throw or reject, which is reported. */
export function attempt(call: () => unknown, report: (reason: string) => void): void {
  const failed = (error: unknown) => report(error instanceof Error ? error.message : String(error));
  try {
    Promise.resolve(call()).catch(failed);
  } catch (error) {
    failed(error);
  }
}
