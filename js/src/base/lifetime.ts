/*
 * Lifetimes: everything that must end with a view goes through here.
 *
 * A view is one AbortSignal. Each listener, observer, timer and effect takes
 * it, and is counted while it lives, so that a test can show that nothing is
 * left when an output is cleared.
 */
import { effect, signal as preact, type ReadonlySignal } from "@preact/signals-core";

const PACE = 64; // ms between updates of costly figures during a drag
const COSTLY = 1; // ms: what takes longer is not done on every frame

export interface Probe {
  views: number;
  open: number;
}

const KEY = Symbol.for("gmm_widget.probe");

/** The page-wide count of live views and of what they hold open. */
export function probe(): Probe {
  const page = globalThis as { [KEY]?: Probe };
  page[KEY] ??= { views: 0, open: 0 };
  return page[KEY];
}

/** Run `undo` once, when the view ends. */
export function onEnd(signal: AbortSignal, undo: () => void): void {
  if (signal.aborted) {
    undo();
    return;
  }
  probe().open += 1;
  signal.addEventListener(
    "abort",
    () => {
      probe().open -= 1;
      undo();
    },
    { once: true },
  );
}

/** Listen on `target` for as long as the view lives. */
export function listen<E extends Event>(
  signal: AbortSignal,
  target: EventTarget,
  type: string,
  handler: (event: E) => void,
  options: { capture?: boolean; passive?: boolean } = {},
): void {
  const listener = handler as EventListener;
  target.addEventListener(type, listener, options);
  onEnd(signal, () => target.removeEventListener(type, listener, options));
}

/** Re-run `body` whenever a signal that it reads changes. */
export function watch(signal: AbortSignal, body: () => void): void {
  if (!signal.aborted) onEnd(signal, effect(body));
}

/**
 * The same for figures that are read: during a drag, a body that is costly runs
 * no more often than people can read, and at once when the drag ends.
 */
export function watchPaced(
  signal: AbortSignal,
  dragging: ReadonlySignal<boolean>,
  body: () => void,
): void {
  const again = preact(0);
  const due = timer(signal, PACE, () => {
    again.value += 1;
  });
  watch(signal, () => {
    void again.value;
    if (dragging.value && due.pending()) return;
    const began = performance.now();
    body();
    if (dragging.value && performance.now() - began > COSTLY) due.start();
  });
}

/** A restartable timer that cannot outlive its view. */
export function timer(signal: AbortSignal, milliseconds: number, body: () => void) {
  let handle: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    clearTimeout(handle);
    handle = undefined;
  };
  const start = (delay = milliseconds) => {
    stop();
    if (signal.aborted) return;
    handle = setTimeout(() => {
      handle = undefined;
      body();
    }, delay);
  };
  onEnd(signal, stop);
  return { start, stop, pending: () => handle !== undefined };
}

/** Ask for `body` on the next animation frame; asking twice is asking once. */
export function frame(signal: AbortSignal, body: (now: number) => void): () => void {
  let handle = 0;
  onEnd(signal, () => cancelAnimationFrame(handle));
  return () => {
    if (handle !== 0 || signal.aborted) return;
    handle = requestAnimationFrame((now) => {
      handle = 0;
      body(now);
    });
  };
}

/** Report the element's size in CSS pixels, never a size of 0 (hidden cells). */
export function observeSize(
  signal: AbortSignal,
  element: Element,
  body: (width: number, height: number) => void,
): void {
  const observer = new ResizeObserver((entries) => {
    const box = entries[entries.length - 1]?.contentRect;
    if (box && box.width > 0 && box.height > 0) body(box.width, box.height);
  });
  observer.observe(element);
  onEnd(signal, () => observer.disconnect());
}
