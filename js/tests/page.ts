/*
 * A view in a page without layout or canvas: sizes are told to it, pictures
 * are plain arrays, and a test does what a person would.
 */
import { afterEach, beforeEach, vi } from "vitest";
import widget from "../src/widget.ts";
import { FakeHost } from "./host.ts";

const SIZE = { width: 500, height: 300 };

type Seen = (entries: { contentRect: typeof SIZE }[]) => void;

class InstantObserver {
  #seen: Seen;
  constructor(seen: Seen) {
    this.#seen = seen;
  }
  observe(): void {
    this.#seen([{ contentRect: { width: 0, height: 0 } }]);
    this.#seen([{ contentRect: SIZE }]);
  }
  disconnect(): void {
    this.#seen = () => undefined;
  }
}

class PlainImage {
  readonly data: Uint8ClampedArray;
  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }
}

/** One view with its host; made anew for each test. */
export class Page {
  host = new FakeHost();
  el = document.createElement("div");
  end: () => void = () => undefined;

  async open(): Promise<void> {
    this.host = new FakeHost();
    this.el = document.createElement("div");
    document.body.append(this.el);
    this.end = widget.render({ model: this.host, el: this.el });
    Object.assign(this.plot, {
      setPointerCapture: () => undefined,
      hasPointerCapture: () => false,
      getBoundingClientRect: () => ({ left: 0, top: 0, ...SIZE }),
    });
    this.host.chunk(0);
    this.host.chunk(1);
    await this.settle();
  }

  close(): void {
    this.end();
    this.el.remove();
  }

  get root(): HTMLElement {
    return this.el.querySelector<HTMLElement>(".gmm-root")!;
  }

  get plot(): HTMLElement {
    return this.el.querySelector<HTMLElement>(".gmm-plot")!;
  }

  named(name: string): HTMLElement {
    return this.el.querySelector<HTMLElement>(`[aria-label="${name}"]`)!;
  }

  settle(milliseconds = 60): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  pointer(type: string, clientX: number, clientY: number, extra = {}): void {
    const what = { pointerId: 1, button: 0, pointerType: "mouse", bubbles: true, cancelable: true };
    this.plot.dispatchEvent(new PointerEvent(type, { ...what, clientX, clientY, ...extra }));
  }

  key(name: string, target: Element = this.named("Component A"), extra = {}): void {
    target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, ...extra }));
  }
}

/** A page for every test of a file. */
export function usePage(): Page {
  const page = new Page();
  beforeEach(async () => {
    vi.stubGlobal("ResizeObserver", InstantObserver);
    vi.stubGlobal("ImageData", PlainImage);
    await page.open();
  });
  afterEach(() => {
    page.close();
    vi.unstubAllGlobals();
  });
  return page;
}
