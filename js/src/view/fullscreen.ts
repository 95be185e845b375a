/*
 * Full screen: the plot takes the height that is left beside the rest.
 */
import { listen } from "../base/lifetime.ts";
import type { ViewState } from "../state/view-state.ts";

const LEAST = 200; // px of plot, however small the screen
const AXES = 64; // px above and below the plot
const PAD = 12; // px around the view

/** Enter or leave full screen; a page that forbids it stays as it is. */
export function toggleFull(root: HTMLElement): void {
  const done = document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen();
  done.catch((reason) => console.warn(`gmm_widget: no full screen: ${reason}`));
}

/** Keep the plot's height to the screen's while the view fills it. */
export function watchFull(
  end: AbortSignal,
  root: HTMLElement,
  stage: HTMLElement,
  { tall }: ViewState,
): void {
  const look = () => {
    const full = root.matches(":fullscreen");
    const above = stage.getBoundingClientRect().top - root.getBoundingClientRect().top;
    tall.value = full ? Math.max(LEAST, globalThis.innerHeight - above - AXES - PAD) : null;
  };
  listen(end, document, "fullscreenchange", look);
  listen(end, globalThis, "resize", () => {
    if (tall.peek() !== null) look();
  });
}
