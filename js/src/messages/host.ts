/*
 * What anywidget passes to a view, as far as it is used here.
 */
export interface Host {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): unknown;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(content: unknown): unknown;
  /** JupyterLab's and Notebook's, with the kernel and what became of it. */
  readonly widget_manager?: {
    readonly kernel?: { readonly statusChanged?: Heard } | null;
  };
}

type Slot = (sender: unknown, status: unknown) => void;

interface Heard {
  connect?(slot: Slot): unknown;
  disconnect?(slot: Slot): unknown;
}

/** Call `lost` when the kernel dies, where the host tells; the returned function ends it. */
export function onDeath(host: Host, lost: () => void): () => void {
  const heard = host.widget_manager?.kernel?.statusChanged;
  const slot: Slot = (_, status) => {
    if (status === "autorestarting" || status === "dead") lost();
  };
  heard?.connect?.(slot);
  return () => void heard?.disconnect?.(slot);
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
