/*
 * A hand on a view, by pointer and by keyboard, through the DOM.
 *
 * @vitest-environment happy-dom
 */
import { describe, expect, it, vi } from "vitest";
import { usePage } from "./page.ts";

const page = usePage();

describe("a drag", () => {
  // Centre of A: (2, 55) in an extent of 1..5 x 45..95 on 500 x 300 pixels.
  const [x, y] = [125, 240];

  it("moves the component to where the hand lets go", () => {
    page.pointer("pointerdown", x + 4, y - 3);
    page.pointer("pointermove", x + 54, y - 63);
    page.pointer("pointerup", x + 54, y - 63);
    const edits = page.host.of("edit");
    expect(edits[0]).toMatchObject({ gesture: 1, component: 0, final: false });
    page.host.ack(edits[0]!);
    const last = page.host.of("edit").at(-1)!;
    expect(last.final).toBe(true);
    const [mx, my] = last.mean as number[];
    expect(mx).toBeCloseTo(2 + (50 * 4) / 500, 9);
    expect(my).toBeCloseTo(55 + (60 * 50) / 300, 9);
  });

  it("that does not move is only a selection", () => {
    page.pointer("pointerdown", 375, 90);
    page.pointer("pointerup", 375, 90);
    expect(page.host.of("edit")).toEqual([]);
    expect(document.activeElement).toBe(page.named("Component B"));
  });

  it("in mid-run holds from the press on, says so again while it rests, and lets go", async () => {
    page.host.state({ rev: 2 }, undefined, true);
    page.pointer("pointerdown", x, y);
    expect(page.host.of("edit")).toHaveLength(1);
    expect(page.host.of("edit")[0]).toMatchObject({ final: false, mean: [2, 55] });
    page.host.ack(page.host.of("edit")[0]!);
    await page.settle(260);
    expect(page.host.of("edit")).toHaveLength(2);
    expect(page.host.of("edit")[1]).toMatchObject({ gesture: 1, final: false, mean: [2, 55] });
    page.host.ack(page.host.of("edit")[1]!);
    page.pointer("pointerup", x, y);
    page.host.ack(page.host.of("edit")[2]!);
    expect(page.host.of("edit")[2]).toMatchObject({ gesture: 1, final: true });
    await page.settle(260);
    expect(page.host.of("edit")).toHaveLength(3);
  });

  it("that is let go with Alt stays locked", () => {
    page.pointer("pointerdown", x, y);
    page.pointer("pointermove", x + 50, y - 60);
    page.host.ack(page.host.of("edit")[0]!);
    page.pointer("pointerup", x + 50, y - 60, { altKey: true });
    const lock = { name: "lock", args: { component: 0, what: "mean" } };
    expect(page.host.of("command")[0]).toMatchObject(lock);
  });

  it("is taken back exactly by Escape", () => {
    page.pointer("pointerdown", x, y);
    page.pointer("pointermove", x + 50, y - 60);
    page.key("Escape");
    page.host.ack(page.host.of("edit")[0]!);
    expect(page.host.of("edit").at(-1)).toMatchObject({ final: true, mean: [2, 55] });
    page.pointer("pointermove", x + 90, y);
    expect(page.host.of("edit")).toHaveLength(2);
  });
});

describe("the keyboard", () => {
  it("moves the selected component, many presses being one gesture", async () => {
    for (let i = 0; i < 3; i++) page.key("ArrowRight");
    page.key("ArrowUp", undefined, { shiftKey: true });
    page.host.ack(page.host.of("edit")[0]!);
    await page.settle(400);
    page.host.ack(page.host.of("edit")[1]!);
    const edits = page.host.of("edit");
    expect(new Set(edits.map(({ gesture }) => gesture)).size).toBe(1);
    expect(edits.at(-1)).toMatchObject({ final: true });
    const [mx, my] = edits.at(-1)!.mean as number[];
    expect(mx).toBeCloseTo(2.12, 9);
    expect(my).toBeCloseTo(60, 9);
  });

  it("selects the component that gets the focus", () => {
    page.named("Component B").focus();
    page.key("ArrowRight", page.named("Component B"));
    expect(page.host.of("edit")[0]).toMatchObject({ component: 1 });
  });

  it("steps through the components and acts", () => {
    page.key(".");
    expect(document.activeElement).toBe(page.named("Component B"));
    page.key("Delete");
    page.key("e");
    expect(page.host.of("command").map(({ name, args }) => [name, args])).toEqual([
      ["delete", { component: 1 }],
      ["step", {}],
    ]);
  });

  it("reaches each handle, and drags it", () => {
    const reached = Array.from({ length: 5 }, () => {
      page.key(
        "Enter",
        document.activeElement!.closest(".gmm-plot") ? document.activeElement! : undefined,
      );
      return document.activeElement!.getAttribute("aria-label");
    });
    expect(reached).toEqual(
      ["Axis 1 of A", "Axis 2 of A", "Rotate A", "Weight of A", "Component A"].sort(
        (a, b) => reached.indexOf(a) - reached.indexOf(b),
      ),
    );
    page.key("ArrowUp", page.named("Axis 1 of A"));
    expect(page.host.of("edit")[0]).toMatchObject({ component: 0 });
    expect(page.host.of("edit")[0]!.mean).toBeUndefined();
  });

  it("takes back what was typed, exactly", () => {
    page.key("ArrowRight");
    page.key("]");
    page.host.ack(page.host.of("edit")[0]!);
    page.key("Escape");
    page.host.ack(page.host.of("edit")[1]!);
    const { means, covariances } = page.host.get("mixture") as Record<string, unknown[]>;
    expect(page.host.of("edit").at(-1)).toMatchObject({
      final: true,
      mean: means![0],
      covariance: covariances![0],
    });
  });

  it("leaves typing in a field alone", () => {
    page.key("e", page.named("Number of components"));
    page.key("Delete", page.named("Number of components"));
    expect(page.host.of("command")).toEqual([]);
  });

  it.each([
    ["Delete", "Backspace", "n", "s", "m", "x"],
    ["e", " ", "d", "b", "u", "g", "l", "f", "0", "i", "o", "?", "Escape"],
    ["ArrowLeft", "ArrowUp", "[", "]", "+", "-", ",", ".", "Enter"],
  ])("keeps its keys from a host that listens on the document (%s ...)", (...keys) => {
    const heard = vi.fn();
    const places = [document, window] as const;
    const ways = [true, false] as const;
    for (const place of places) {
      for (const way of ways) place.addEventListener("keydown", heard, way);
    }
    for (const key of keys) page.key(key);
    page.key("Delete", page.named("Centre of B"));
    for (const place of places) {
      for (const way of ways) place.removeEventListener("keydown", heard, way);
    }
    expect(heard).not.toHaveBeenCalled();
  });

  it("is heard all the same, once for each press", () => {
    page.key("e");
    page.key("s");
    const names = page.host.of("command").map(({ name }) => name);
    expect(names).toEqual(["step", "split"]);
  });

  it("keeps its keys from the host", () => {
    const heard = vi.fn();
    document.body.addEventListener("keydown", heard);
    page.key("b");
    page.key("ArrowLeft");
    document.body.removeEventListener("keydown", heard);
    expect(heard).not.toHaveBeenCalled();
  });
});
