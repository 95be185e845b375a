/*
 * A whole view in a page: names, roles, a drag through the DOM, and an end
 * that leaves nothing behind.
 *
 * @vitest-environment happy-dom
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { probe } from "../src/life.ts";
import widget from "../src/widget.ts";
import { FakeHost, FIT } from "./host.ts";

const SIZE = { width: 500, height: 300 };

class InstantObserver {
  #callback: (entries: { contentRect: typeof SIZE }[]) => void;
  constructor(callback: (entries: { contentRect: typeof SIZE }[]) => void) {
    this.#callback = callback;
  }
  observe(): void {
    this.#callback([{ contentRect: { width: 0, height: 0 } }]);
    this.#callback([{ contentRect: SIZE }]);
  }
  disconnect(): void {
    this.#callback = () => undefined;
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

let host: FakeHost;
let el: HTMLElement;
let end: () => void;

const named = (name: string) => el.querySelector<HTMLElement>(`[aria-label="${name}"]`)!;
const settle = () => new Promise((resolve) => setTimeout(resolve, 60));
const root = () => el.querySelector<HTMLElement>(".gmm-root")!;

beforeEach(async () => {
  vi.stubGlobal("ResizeObserver", InstantObserver);
  vi.stubGlobal("ImageData", PlainImage);
  host = new FakeHost();
  el = document.createElement("div");
  document.body.append(el);
  end = widget.render({ model: host, el });
  host.chunk(0);
  host.chunk(1);
  await settle();
});

afterEach(() => {
  end();
  el.remove();
  vi.unstubAllGlobals();
});

function pointer(type: string, x: number, y: number, target: Element): void {
  target.dispatchEvent(
    new PointerEvent(type, {
      bubbles: true,
      cancelable: true,
      clientX: x,
      clientY: y,
      pointerId: 1,
      button: 0,
      pointerType: "mouse",
    }),
  );
}

function key(name: string, target: Element = named("Component A"), extra = {}): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, ...extra }));
}

describe("a view", () => {
  it("is ready once painted, and says what it shows", () => {
    expect(root().dataset.gmmReady).toBe("true");
    expect(root().dataset.gmmExtent).toBe("1,5,45,95");
    expect(root().getAttribute("role")).toBe("region");
    expect(root().dataset.lmSuppressShortcuts).toBe("true");
  });

  it("names its controls, components and handles", () => {
    const names = [
      ...["Gaussian mixture", "E step", "M step", "EM step", "Run", "Undo", "Redo"],
      ...["Add component", "Delete component", "Number of components", "Covariance structure"],
      ...["A", "B"].flatMap((letter) => [
        ...[`Component ${letter}`, `Centre of ${letter}`, `Axis 1 of ${letter}`],
        ...[`Axis 2 of ${letter}`, `Rotate ${letter}`],
      ]),
    ];
    for (const name of names) expect(named(name), name).not.toBeNull();
    expect(el.querySelector(".gmm-loglik")!.textContent).toBe("-100.000");
    expect(el.querySelectorAll("[role=status]")).toHaveLength(1);
  });

  it("has one tab stop in the plot", () => {
    const stops = [...el.querySelectorAll(".gmm-plot [tabindex='0']")];
    expect(stops.map((stop) => stop.getAttribute("aria-label"))).toEqual(["Component A"]);
  });

  it("writes names as text, whatever they hold", async () => {
    const evil = '<img src=x onerror="alert(1)"></script>';
    host.write({ view: { ...(host.get("view") as object), columns: [evil, evil] } });
    host.state({ rev: 4, notice: { level: "warning", text: evil } });
    await settle();
    expect(el.querySelector("img")).toBeNull();
    expect(el.querySelector(".gmm-notice-text")!.textContent).toBe(evil);
    expect(el.querySelector(".gmm-table thead")!.textContent).toContain(evil);
  });

  it("sends what its buttons say", () => {
    for (const name of [
      "E step",
      "M step",
      "EM step",
      "Run",
      "Add component",
      "Delete component",
    ]) {
      named(name).click();
    }
    expect(host.of("command").map((message) => [message.name, message.args])).toEqual([
      ["e_step", {}],
      ["m_step", {}],
      ["em_step", {}],
      ["run", {}],
      ["add", { dims: [0, 1] }],
      ["delete", { component: 0 }],
    ]);
  });

  it("turns Run into Stop while EM runs", () => {
    host.state({ rev: 2 }, undefined, true);
    expect(named("Run")).toBeNull();
    named("Stop").click();
    expect(host.of("command")[0]).toMatchObject({ name: "stop" });
  });

  it("selects a new component when one is added", async () => {
    const mixture = host.get("mixture") as Record<string, unknown[]>;
    const three = {
      weights: [0.3, 0.3, 0.4],
      means: [...mixture.means!, [3, 70]],
      covariances: [...mixture.covariances!, mixture.covariances![0]],
    };
    host.state({ rev: 2, ids: [0, 1, 5] }, three);
    await settle();
    expect(named("Component F").getAttribute("tabindex")).toBe("0");
  });
});

describe("a drag", () => {
  const plot = () => el.querySelector(".gmm-plot")!;
  // Centre of A: (2, 55) in an extent of 1..5 x 45..95 on 500 x 300 pixels.
  const [x, y] = [125, 240];

  beforeEach(() => {
    Object.assign(plot(), {
      setPointerCapture: () => undefined,
      hasPointerCapture: () => false,
      getBoundingClientRect: () => ({ left: 0, top: 0, ...SIZE }),
    });
  });

  it("moves the component to where the hand lets go", () => {
    pointer("pointerdown", x + 4, y - 3, plot());
    pointer("pointermove", x + 54, y - 63, plot());
    pointer("pointerup", x + 54, y - 63, plot());
    const edits = host.of("edit");
    expect(edits[0]).toMatchObject({ gesture: 1, component: 0, final: false });
    host.ack(edits[0]!);
    const last = host.of("edit").at(-1)!;
    expect(last.final).toBe(true);
    const [mx, my] = last.mean as number[];
    expect(mx).toBeCloseTo(2 + (50 * 4) / 500, 9);
    expect(my).toBeCloseTo(55 + (60 * 50) / 300, 9);
  });

  it("that does not move is only a selection", () => {
    pointer("pointerdown", 375, 90, plot());
    pointer("pointerup", 375, 90, plot());
    expect(host.of("edit")).toEqual([]);
    expect(document.activeElement).toBe(named("Component B"));
  });

  it("is taken back exactly by Escape", () => {
    pointer("pointerdown", x, y, plot());
    pointer("pointermove", x + 50, y - 60, plot());
    key("Escape");
    host.ack(host.of("edit")[0]!);
    expect(host.of("edit").at(-1)).toMatchObject({ final: true, mean: [2, 55] });
    pointer("pointermove", x + 90, y, plot());
    expect(host.of("edit")).toHaveLength(2);
  });
});

describe("the keyboard", () => {
  it("moves the selected component, many presses being one gesture", async () => {
    for (let i = 0; i < 3; i++) key("ArrowRight");
    key("ArrowUp", undefined, { shiftKey: true });
    host.ack(host.of("edit")[0]!);
    await new Promise((resolve) => setTimeout(resolve, 400));
    host.ack(host.of("edit")[1]!);
    const edits = host.of("edit");
    expect(new Set(edits.map(({ gesture }) => gesture)).size).toBe(1);
    expect(edits.at(-1)).toMatchObject({ final: true });
    const [mx, my] = edits.at(-1)!.mean as number[];
    expect(mx).toBeCloseTo(2.12, 9);
    expect(my).toBeCloseTo(60, 9);
  });

  it("steps through the components and acts", () => {
    key(".");
    expect(document.activeElement).toBe(named("Component B"));
    key("Delete");
    key("e");
    expect(host.of("command").map(({ name, args }) => [name, args])).toEqual([
      ["delete", { component: 1 }],
      ["em_step", {}],
    ]);
  });

  it("reaches each handle, and drags it", () => {
    const reached = Array.from({ length: 4 }, () => {
      key(
        "Enter",
        document.activeElement!.closest(".gmm-plot") ? document.activeElement! : undefined,
      );
      return document.activeElement!.getAttribute("aria-label");
    });
    expect(reached).toEqual(
      ["Axis 1 of A", "Axis 2 of A", "Rotate A", "Component A"].sort(
        (a, b) => reached.indexOf(a) - reached.indexOf(b),
      ),
    );
    key("ArrowUp", named("Axis 1 of A"));
    expect(host.of("edit")[0]).toMatchObject({ component: 0 });
    expect(host.of("edit")[0]!.mean).toBeUndefined();
  });

  it("takes back what was typed, exactly", () => {
    key("ArrowRight");
    key("]");
    host.ack(host.of("edit")[0]!);
    key("Escape");
    host.ack(host.of("edit")[1]!);
    const { means, covariances } = host.get("mixture") as Record<string, unknown[]>;
    expect(host.of("edit").at(-1)).toMatchObject({
      final: true,
      mean: means![0],
      covariance: covariances![0],
    });
  });

  it("leaves typing in a field alone", () => {
    key("e", named("Number of components"));
    key("Delete", named("Number of components"));
    expect(host.of("command")).toEqual([]);
  });

  it("keeps its keys from the host", () => {
    const heard = vi.fn();
    document.body.addEventListener("keydown", heard);
    key("b");
    key("ArrowLeft");
    document.body.removeEventListener("keydown", heard);
    expect(heard).not.toHaveBeenCalled();
  });
});

it("ends with nothing left: no listener, no effect, no element", async () => {
  const before = host.open;
  const controller = new AbortController();
  const other = document.createElement("div");
  const second = widget.render({ model: host, el: other, signal: controller.signal });
  expect(probe().views).toBe(2);
  expect(host.open).toBe(2 * before);
  controller.abort();
  second();
  await settle();
  expect(probe().views).toBe(1);
  expect(other.childElementCount).toBe(0);
  end();
  expect(probe()).toEqual({ views: 0, open: 0 });
  expect(host.open).toBe(0);
  expect(el.childElementCount).toBe(0);
  host.write({ fit: { ...FIT, rev: 99 } });
});
