/*
 * The small parts: letters, colours, numbers, keys, pendingEdits.
 */
import { describe, expect, it } from "vitest";
import { criterion, digitsFor, gain, measured, share, ticksOf } from "../src/base/format.ts";
import { colourOf, dashOf, letterOf, oklab, PALETTE, packed } from "../src/base/palette.ts";
import { parseFit } from "../src/messages/messages.ts";
import {
  finished,
  NO_EDITS,
  released,
  withEdit,
  withPendingEdits,
} from "../src/state/pending-edits.ts";
import { actionOf, type Key } from "../src/view/handles/keys.ts";
import { statusOf } from "../src/view/panels/readout.ts";
import { someMixture } from "./dense.ts";
import { FIT } from "./host.ts";
import { structureOf } from "./structures.ts";

describe("palette", () => {
  const luminance = (hex: string) => {
    const value = Number.parseInt(hex.slice(1), 16);
    const [r, g, b] = [value >> 16, (value >> 8) & 255, value & 255].map((channel) => {
      const c = channel / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };

  it.each(PALETTE)("%s stands out on white and on near-black", (hex) => {
    const light = luminance(hex);
    expect(1.05 / (light + 0.05)).toBeGreaterThan(3);
    expect((light + 0.05) / (luminance("#111111") + 0.05)).toBeGreaterThan(3);
  });

  it.each(PALETTE)("%s comes back from OKLab", (hex) => {
    const [l, a, b] = oklab(hex);
    const bgr = packed(l, a, b);
    const back = [bgr & 255, (bgr >> 8) & 255, bgr >> 16];
    back.forEach((channel, i) => {
      const expected = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
      expect(Math.abs(channel - expected)).toBeLessThanOrEqual(1);
    });
  });

  it("letters run A to Z, AA, AB", () => {
    expect([0, 1, 25, 26, 27, 51, 52, 701, 702].map(letterOf)).toEqual(
      "A B Z AA AB AZ BA ZZ AAA".split(" "),
    );
  });

  it("colours come round again with dashes", () => {
    expect(colourOf(12)).toBe(colourOf(0));
    expect([dashOf(0), dashOf(11)]).toEqual([undefined, undefined]);
    expect(dashOf(12)).not.toBe(dashOf(24));
  });
});

describe("numbers", () => {
  it("of a criterion paste into code", () => {
    expect([-1126.31593, 2314.3, 0, -4754918.62, 1e12].map(criterion)).toEqual([
      "−1126.316",
      "2314.300",
      "0.000",
      "−4754918.6",
      "1000000000000",
    ]);
    expect(criterion(null)).toBe("–");
  });

  it("of a gain keep one digit", () => {
    expect([3e-5, 2.6e-3, 0.04, 1.2, 0, -4e-9].map(gain)).toEqual([
      "3e−5",
      "3e−3",
      "0.04",
      "1",
      "0",
      "−4e−9",
    ]);
  });

  it("of a column go as far as its tightest spread means something, all alike", () => {
    expect(digitsFor([0.26, 3], 4)).toBe(2);
    expect(digitsFor([12, 5.2], 80)).toBe(1);
    expect(digitsFor([2500, 900], 12_345)).toBe(0);
    expect(digitsFor([3e-9], 1)).toBeNull();
    expect(digitsFor([0, 0], 1)).toBeNull();
    expect([measured(70.2, 1), measured(1234567.8, null), measured(-0.00012, 6)]).toEqual([
      "70.2",
      "1.235e+6",
      "−0.000120",
    ]);
  });

  it("of a share never show a negative nothing", () => {
    expect([share(-0.001), share(0.5), share(-0.456)]).toEqual(["0.00", "0.50", "−0.46"]);
  });

  it("on an axis are few and in one notation", () => {
    expect(ticksOf(1.5, 5.2, 5).map(({ text }) => text)).toEqual(["2", "3", "4", "5"]);
    expect(ticksOf(0, 2.4e6, 4).map(({ text }) => text)).toEqual([
      "0.0M",
      "0.5M",
      "1.0M",
      "1.5M",
      "2.0M",
    ]);
    expect(ticksOf(0, 4e-9, 4)[1]!.text).toBe("1e−9");
  });
});

describe("keys", () => {
  const press = (key: string, extra: Partial<Key> = {}) =>
    actionOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...extra });

  it("move by a hundredth of the view, ten times that, a tenth of it", () => {
    expect(press("ArrowRight")).toEqual({ kind: "nudge", dx: 0.01, dy: 0 });
    expect(press("ArrowUp", { shiftKey: true })).toEqual({ kind: "nudge", dx: 0, dy: -0.1 });
    expect(press("ArrowLeft", { altKey: true })).toEqual({ kind: "nudge", dx: -0.001, dy: 0 });
  });

  it("turn, grow and shrink, also with what Shift and Alt make of the keys", () => {
    expect(press("]")).toEqual({ kind: "turn", degrees: 5 });
    expect(press("{", { shiftKey: true })).toEqual({ kind: "turn", degrees: -50 });
    expect(press("‘", { altKey: true, code: "BracketRight" })).toEqual({
      kind: "turn",
      degrees: 0.5,
    });
    expect(press("+")).toMatchObject({ kind: "scale" });
  });

  it("act", () => {
    expect(press("e")).toEqual({ kind: "act", name: "em_step" });
    expect(press(" ")).toEqual({ kind: "act", name: "run" });
    expect(press("z", { ctrlKey: true })).toEqual({ kind: "act", name: "undo" });
    expect(press("Z", { metaKey: true, shiftKey: true })).toEqual({ kind: "act", name: "redo" });
    expect(press("?", { shiftKey: true })).toEqual({ kind: "act", name: "help" });
    expect(press(".")).toEqual({ kind: "select", by: 1 });
  });

  it("leave the host's own keys to the host", () => {
    for (const key of ["a", "F5", "Tab", "constructor"]) expect(press(key)).toBeNull();
    expect(press("s", { ctrlKey: true })).toBeNull();
    expect(press("e", { altKey: true })).toBeNull();
  });
});

describe("hands", () => {
  const dims = [0, 1] as const;

  it("put together what two gestures did to one component", () => {
    const first = withEdit(NO_EDITS, 3, 1, dims, { mean: [1, 2] });
    const second = withEdit(first, 3, 2, dims, { weight: 0.5 });
    expect(second.get(3)).toEqual({
      gesture: 2,
      dims,
      patch: { mean: [1, 2], weight: 0.5 },
      seq: null,
    });
  });

  it("let go only when the final edit is answered", () => {
    const held = withEdit(NO_EDITS, 3, 1, dims, { mean: [1, 2] });
    expect(released(held, () => true, [3])).toBe(held);
    const final = finished(held, 3, 1, 9);
    expect(released(final, (seq) => seq <= 8, [3])).toBe(final);
    expect(released(final, (seq) => seq <= 9, [3]).size).toBe(0);
    expect(released(final, () => false, [4]).size).toBe(0);
  });

  it("do not seal a gesture that a later one has taken over", () => {
    const held = withEdit(NO_EDITS, 3, 2, dims, { mean: [1, 2] });
    expect(finished(held, 3, 1, 9)).toBe(held);
  });

  it("lie over the kernel's mixture by identity", () => {
    const mixture = someMixture(2, 2, 1);
    const pendingEdits = withEdit(withEdit(NO_EDITS, 7, 1, dims, { mean: [1, 2] }), 9, 2, dims, {
      mean: [0, 0],
    });
    expect(withPendingEdits(mixture, [4, 7], pendingEdits, structureOf("full")).means).toEqual([
      mixture.means[0],
      [1, 2],
    ]);
  });
});

describe("status", () => {
  const fitted = (changes: object) => parseFit({ ...FIT, ...changes }, 2);

  it.each([
    [{ gain: 3e-5 }, "still moving: 3e−5 nats a step"],
    [{ converged: true, steps: 34 }, "converged after 34 steps"],
    [{ converged: true, steps: 1 }, "converged after 1 step"],
    [{ phase: "e" }, "responsibilities updated: M step next"],
    [{ phase: "m" }, "components updated: E step next"],
  ])("of %o is told in words", (changes, words) => {
    expect(statusOf(fitted(changes), false, "no")).toBe(words);
  });
});
