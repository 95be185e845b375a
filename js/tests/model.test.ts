/*
 * The wire as a view lives it: points, drags, and the figures under
 * the hand.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createModel, type Model } from "../src/kernel/model.ts";
import { logDensity } from "../src/maths/mixture.ts";
import { FakeHost, FIT, MIXTURE, POINTS } from "./host.ts";

let host: FakeHost;
let controller: AbortController;
let model: Model;

const open = () => createModel(controller.signal, host);
const moved = (x: number, y: number) => ({ ...MIXTURE, means: [[x, y], MIXTURE.means[1]!] });
const shown = (of: Model = model) => of.kernelState.plane.value?.means[0];

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
  controller = new AbortController();
  model = open();
});

afterEach(() => {
  controller.abort();
  vi.useRealTimers();
});

describe("points", () => {
  it("are asked for at the start, with nothing held", () => {
    expect(host.of("hello")).toMatchObject([{ data_rev: -1, seq: 1, client: model.client }]);
  });

  it("are a preview until every chunk is here, in any order", () => {
    expect(model.kernelState.cloud.value?.cell).not.toBeNull();
    host.chunk(1);
    host.chunk(1);
    expect(model.kernelState.complete.value).toBe(false);
    host.chunk(0);
    expect(model.kernelState.complete.value).toBe(true);
    const { xy, origin, scale } = model.kernelState.cloud.value!;
    const back = Array.from(xy, (v, i) => v * scale[(i % 2) as 0 | 1] + origin[(i % 2) as 0 | 1]);
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(POINTS[i]!, 5);
    });
    expect(host.of("data_ack").map(({ index }) => index)).toEqual([1, 1, 0]);
  });

  it("of another revision or another view are left alone", () => {
    host.chunk(0, 9);
    host.tell({ kind: "data", client: "somebody else" }, []);
    expect(host.of("data_ack")).toEqual([]);
  });

  it("are asked for again when the data change", () => {
    host.chunk(0);
    host.chunk(1);
    host.write({ _view: { ...(host.get("_view") as object), data_rev: 2 } });
    expect(host.of("hello").map(({ data_rev }) => data_rev)).toEqual([-1, -1]);
    expect(model.kernelState.complete.value).toBe(false);
  });
});

describe("a drag", () => {
  it("is on the screen at once and in the kernel's pendingEdits by its own numbers", () => {
    model.edit(model.gesture(), 0, { mean: [2.5, 60] }, false);
    expect(shown()).toEqual([2.5, 60]);
    expect(host.of("edit")).toMatchObject([
      { gesture: 1, final: false, component: 0, dims: [0, 1], mean: [2.5, 60], line: 1, oldest: 1 },
    ]);
  });

  it("is not pulled back by states that do not know of it", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, true);
    host.state({ rev: 2 }, moved(9, 9));
    expect(shown()).toEqual([2.5, 60]);
    const { seq } = host.of("edit")[0]!;
    host.state({ rev: 3, acks: { [model.client]: seq } }, moved(2.6, 61));
    expect(shown()).toEqual([2.6, 61]);
  });

  it("is drawn once: letting go and the kernel's word change nothing that is seen", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, false);
    const drawn = model.kernelState.plane.value;
    model.edit(1, 0, { mean: [2.5, 60] }, true);
    for (const rev of [2, 3]) {
      const { seq } = host.of("edit")[rev - 2]!;
      host.state({ rev, acks: { [model.client]: seq } }, moved(2.5, 60));
    }
    expect(model.kernelState.pendingEdits.value.size).toBe(0);
    expect(model.kernelState.plane.value).toBe(drawn);
    host.state({ rev: 4 }, moved(2.5, 60.000001));
    expect(model.kernelState.plane.value).not.toBe(drawn);
  });

  it("lets the other components move meanwhile", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, false);
    host.state({ rev: 2 }, { ...MIXTURE, means: [MIXTURE.means[0], [4.4, 81]] }, true);
    expect(model.kernelState.plane.value?.means).toEqual([
      [2.5, 60],
      [4.4, 81],
    ]);
  });

  it("waits for the state that its answer speaks of", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, true);
    host.ack(host.of("edit")[0]!, 5);
    expect(shown()).toEqual([2.5, 60]);
    expect(model.figures.value.live).toBe(true);
    host.state({ rev: 5, acks: { [model.client]: host.of("edit")[0]!.seq } }, moved(2.5, 60));
    expect(model.figures.value.live).toBe(false);
  });

  it("is given up, with the reason, when the kernel refuses it", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, true);
    host.ack(host.of("edit")[0]!, 1, "component A is locked: unlock it first");
    expect(shown()).toEqual([2, 55]);
    expect(model.kernelState.problem.value).toEqual({
      level: "error",
      code: "refused",
      text: "component A is locked: unlock it first",
    });
    model.edit(2, 1, { mean: [4, 81] }, true);
    host.ack(host.of("edit")[1]!, 1);
    expect(model.kernelState.problem.value).toBeNull();
  });

  it("of two components keeps both while the kernel sleeps", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, true);
    model.edit(2, 1, { mean: [4.5, 75] }, true);
    expect(model.kernelState.plane.value?.means).toEqual([
      [2.5, 60],
      [4.5, 75],
    ]);
    host.ack(host.of("edit")[0]!);
    expect(host.of("edit")).toHaveLength(2);
  });

  it("ends with one trait write, and only then", () => {
    for (let i = 0; i < 5; i++) model.edit(1, 0, { mean: [2, 50 + i] }, false);
    expect(host.saves).toBe(0);
    model.edit(1, 0, { mean: [2, 56] }, true);
    expect([host.saves, host.get("_released")]).toEqual([1, 1]);
  });

  it("of a component that is gone says nothing", () => {
    model.edit(1, 77, { mean: [0, 0] }, true);
    expect(host.of("edit")).toEqual([]);
  });

  it("shows tied components in one shape", () => {
    host.write({ covariance_type: "tied" });
    const covariance = [
      [0.5, 0],
      [0, 20],
    ];
    model.edit(1, 1, { covariance }, false);
    expect(model.kernelState.plane.value?.covariances).toEqual([covariance, covariance]);
  });
});

describe("live figures", () => {
  const total = (mixture: typeof MIXTURE) => {
    const rows = [0, 2, 4, 6].map((i) => POINTS.slice(i, i + 2));
    return logDensity(mixture, rows).reduce((a, b) => a + b, 0);
  };

  it("are the kernel's plus the change under the hand", () => {
    host.chunk(0);
    host.chunk(1);
    model.edit(1, 0, { mean: [2.4, 58] }, false);
    const change = total(moved(2.4, 58)) - total(MIXTURE);
    const { logLikelihood, bic, live } = model.figures.value;
    expect(live).toBe(true);
    expect(logLikelihood).toBeCloseTo(FIT.log_likelihood + change, 3);
    expect(bic).toBeCloseTo(FIT.bic - 2 * change, 3);
  });

  it("stay until the kernel has computed its own", () => {
    model.edit(1, 0, { mean: [2.4, 58] }, true);
    const { seq } = host.of("edit")[0]!;
    const acks = { [model.client]: seq };
    host.state({ rev: 2, acks, log_likelihood: null, bic: null }, moved(2.4, 58));
    expect(model.figures.value.live).toBe(true);
    expect(model.figures.value.logLikelihood).not.toBeNull();
    host.state({ rev: 3, acks, log_likelihood: -90, bic: 230 }, moved(2.4, 58));
    expect(model.figures.value).toEqual({ logLikelihood: -90, bic: 230, live: false });
  });
});
