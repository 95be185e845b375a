/*
 * The wire as a view lives it: what it says, what it shows, and what it
 * refuses to believe.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { logDensity } from "../src/mixture.ts";
import { createModel, type Model, PATIENCE } from "../src/model.ts";
import { FakeHost, FIT, MIXTURE, POINTS } from "./host.ts";

let host: FakeHost;
let controller: AbortController;
let model: Model;

const open = () => createModel(controller.signal, host);
const moved = (x: number, y: number) => ({ ...MIXTURE, means: [[x, y], MIXTURE.means[1]!] });
const shown = (of: Model = model) => of.facts.plane.value?.means[0];

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
    expect(model.facts.cloud.value?.cell).not.toBeNull();
    host.chunk(1);
    host.chunk(1);
    expect(model.facts.complete.value).toBe(false);
    host.chunk(0);
    expect(model.facts.complete.value).toBe(true);
    const { xy, origin, scale } = model.facts.cloud.value!;
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
    host.write({ view: { ...(host.get("view") as object), data_rev: 2 } });
    expect(host.of("hello").map(({ data_rev }) => data_rev)).toEqual([-1, -1]);
    expect(model.facts.complete.value).toBe(false);
  });
});

describe("a drag", () => {
  it("is on the screen at once and in the kernel's hands by its own numbers", () => {
    model.edit(model.gesture(), 0, { mean: [2.5, 60] }, false);
    expect(shown()).toEqual([2.5, 60]);
    expect(host.of("edit")).toMatchObject([
      { gesture: 1, final: false, component: 0, dims: [0, 1], mean: [2.5, 60], base_rev: 1 },
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

  it("lets the other components move meanwhile", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, false);
    host.state({ rev: 2 }, { ...MIXTURE, means: [MIXTURE.means[0], [4.4, 81]] }, true);
    expect(model.facts.plane.value?.means).toEqual([
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
    expect(model.facts.problem.value).toEqual({
      level: "error",
      text: "component A is locked: unlock it first",
    });
    model.edit(2, 1, { mean: [4, 81] }, true);
    host.ack(host.of("edit")[1]!, 1);
    expect(model.facts.problem.value).toBeNull();
  });

  it("of two components keeps both while the kernel sleeps", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, true);
    model.edit(2, 1, { mean: [4.5, 75] }, true);
    expect(model.facts.plane.value?.means).toEqual([
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
    expect([host.saves, host.get("released")]).toEqual([1, 1]);
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
    expect(model.facts.plane.value?.covariances).toEqual([covariance, covariance]);
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

describe("states", () => {
  it("are shown by the larger revision, whichever way they come", async () => {
    host.state({ rev: 5 }, moved(3, 60));
    host.state({ rev: 4 }, moved(1, 50));
    host.write({ mixture: moved(0, 40), fit: { ...FIT, rev: 3 } });
    await Promise.resolve();
    expect(shown()).toEqual([3, 60]);
    host.write({ mixture: moved(5, 70), fit: { ...FIT, rev: 5 } });
    await Promise.resolve();
    expect(shown()).toEqual([5, 70]);
  });

  it("read mixture and fit together, once for a burst of changes", async () => {
    const three = { ...MIXTURE, weights: [0.2, 0.2, 0.6] };
    host.write({ mixture: { ...three, means: [...MIXTURE.means, [1, 1]] } });
    host.write({
      mixture: {
        ...three,
        means: [...MIXTURE.means, [1, 1]],
        covariances: [...MIXTURE.covariances, MIXTURE.covariances[0]],
      },
      fit: { ...FIT, rev: 2, ids: [0, 1, 2] },
    });
    await Promise.resolve();
    expect(model.facts.problem.value).toBeNull();
    expect(model.facts.ids.value).toEqual([0, 1, 2]);
  });

  it.each([
    [
      "a NaN mean",
      {
        ...MIXTURE,
        means: [
          [Number.NaN, 1],
          [4, 80],
        ],
      },
      {},
    ],
    ["a missing row", { ...MIXTURE, means: [[2, 55]] }, {}],
    [
      "an indefinite covariance",
      {
        ...MIXTURE,
        covariances: [
          [
            [1, 2],
            [2, 1],
          ],
          [
            [1, 0],
            [0, 1],
          ],
        ],
      },
      {},
    ],
    ["weights that do not sum to one", { ...MIXTURE, weights: [0.4, 0.9] }, {}],
    ["text for numbers", { ...MIXTURE, weights: ["0.4", "0.6"] }, {}],
    ["identities that repeat", MIXTURE, { ids: [1, 1] }],
    ["identities that are missing", MIXTURE, { ids: [0] }],
    ["nothing at all", null, {}],
  ])("with %s leave the last good one on the screen and say so", (_, mixture, fit) => {
    host.state({ rev: 9, ...fit }, mixture);
    expect(shown()).toEqual([2, 55]);
    expect(model.facts.problem.value?.level).toBe("error");
    expect(model.facts.problem.value?.text).toMatch(/could not be shown: /);
  });

  it("of a run are added to the trace until the trace comes", async () => {
    host.state({ rev: 2, steps: 1, log_likelihood: -90 }, MIXTURE, true);
    host.state({ rev: 3, steps: 2, log_likelihood: -85 }, MIXTURE, true);
    expect(model.facts.running.value).toBe(true);
    expect(model.facts.tail.value).toEqual([-90, -85]);
    host.write({
      trace: { log_likelihood: [-100, -90, -85], cause: ["start", "run", "run"], position: 2 },
    });
    expect(model.facts.tail.value).toEqual([]);
  });
});

describe("a silent kernel", () => {
  it("is mentioned after a while, and no longer once it answers", () => {
    host.ack(host.of("hello")[0]!);
    model.command("em_step");
    vi.advanceTimersByTime(PATIENCE - 100);
    expect(model.facts.silence.value).toBe("no");
    vi.advanceTimersByTime(200);
    expect(model.facts.silence.value).toBe("busy");
    host.ack(host.of("command")[0]!);
    expect(model.facts.silence.value).toBe("no");
  });

  it("that never spoke is told apart", () => {
    vi.advanceTimersByTime(PATIENCE + 100);
    expect(model.facts.silence.value).toBe("absent");
  });
});

it("reports a host that cannot send", () => {
  host.send = () => {
    throw new Error("no comm");
  };
  model.command("run");
  expect(model.facts.problem.value?.text).toContain("no comm");
});

it("is one client of several, which agree", () => {
  const other = open();
  expect(other.client).not.toBe(model.client);
  model.edit(1, 0, { mean: [2.5, 60] }, true);
  expect(shown(other)).toEqual([2, 55]);
  host.state({ rev: 2, acks: { [model.client]: host.of("edit")[0]!.seq } }, moved(2.5, 60));
  expect(shown(other)).toEqual(shown());
});

it("leaves nothing behind", () => {
  expect(host.open).toBeGreaterThan(0);
  controller.abort();
  expect(host.open).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
