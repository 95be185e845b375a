/*
 * What a view believes: which state it shows, what it refuses, and what it
 * says of a kernel that is silent.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createModel, type Model, PATIENCE } from "../src/kernel/model.ts";
import { FakeHost, FIT, MIXTURE, TRACE } from "./host.ts";

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

describe("states", () => {
  it("are shown by the larger revision, whichever way they come", async () => {
    host.state({ rev: 5 }, moved(3, 60));
    host.state({ rev: 4 }, moved(1, 50));
    host.write({ mixture: moved(0, 40), _fit: { ...FIT, rev: 3 } });
    await Promise.resolve();
    expect(shown()).toEqual([3, 60]);
    host.write({ mixture: moved(5, 70), _fit: { ...FIT, rev: 5 } });
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
      _fit: { ...FIT, rev: 2, ids: [0, 1, 2] },
    });
    await Promise.resolve();
    expect(model.kernelState.problem.value).toBeNull();
    expect(model.kernelState.ids.value).toEqual([0, 1, 2]);
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
    [
      "an asymmetric covariance",
      {
        ...MIXTURE,
        covariances: [
          [
            [1, 0.5],
            [0.1, 1],
          ],
          MIXTURE.covariances[1],
        ],
      },
      {},
    ],
    ["text for numbers", { ...MIXTURE, weights: ["0.4", "0.6"] }, {}],
    ["identities that repeat", MIXTURE, { ids: [1, 1] }],
    ["identities that are missing", MIXTURE, { ids: [0] }],
    ["nothing at all", null, {}],
  ])("with %s leave the last good one on the screen and say so", (_, mixture, fit) => {
    host.state({ rev: 9, ...fit }, mixture);
    expect(shown()).toEqual([2, 55]);
    expect(model.kernelState.problem.value?.level).toBe("error");
    expect(model.kernelState.problem.value?.text).toMatch(/could not be shown: /);
  });

  it("with collinear columns are shown", () => {
    const flat = [
      [1, 3],
      [3, 9],
    ];
    host.state({ rev: 9 }, { ...MIXTURE, covariances: [flat, MIXTURE.covariances[1]] });
    expect(model.kernelState.problem.value).toBeNull();
    expect(model.kernelState.plane.value?.covariances[0]).toEqual(flat);
  });

  it("of a run are added to the trace until the trace comes", async () => {
    host.state({ rev: 2, steps: 1, log_likelihood: -90 }, MIXTURE, true);
    host.state({ rev: 3, steps: 2, log_likelihood: -85 }, MIXTURE, true);
    expect(model.kernelState.running.value).toBe(true);
    expect(model.kernelState.tail.value).toEqual([-90, -85]);
    host.write({ _trace: { ...TRACE, id: [0, 1], values: [[-100], [-90, -85]] } });
    expect(model.kernelState.tail.value).toEqual([]);
  });
});

describe("a silent kernel", () => {
  it("is mentioned after a while, and no longer once it answers", () => {
    host.ack(host.of("hello")[0]!);
    model.command("step");
    vi.advanceTimersByTime(PATIENCE - 100);
    expect(model.kernelState.silence.value).toBe("no");
    vi.advanceTimersByTime(200);
    expect(model.kernelState.silence.value).toBe("busy");
    host.ack(host.of("command")[0]!);
    expect(model.kernelState.silence.value).toBe("no");
  });

  it("that never spoke is told apart", () => {
    vi.advanceTimersByTime(PATIENCE + 100);
    expect(model.kernelState.silence.value).toBe("absent");
  });
});

describe("a kernel that goes", () => {
  const cut = () => {
    for (const tell of host.listeners.get("comm_live_update") ?? []) tell();
  };

  it("is mentioned at once, and a run is over", () => {
    host.ack(host.of("hello")[0]!);
    host.state({ rev: 2 }, MIXTURE, true);
    cut();
    expect(model.kernelState.silence.value).toBe("gone");
    expect(model.kernelState.running.value).toBe(false);
    model.edit(1, 0, { mean: [2.5, 60] }, true);
    vi.advanceTimersByTime(PATIENCE + 100);
    expect(model.kernelState.silence.value).toBe("gone");
    expect(shown(model)).toEqual([2.5, 60]);
    cut();
    expect(model.kernelState.silence.value).toBe("gone");
    host.ack(host.of("hello").at(-1)!);
    expect(model.kernelState.silence.value).not.toBe("gone");
  });

  it("that was never there is not missed", () => {
    cut();
    expect(model.kernelState.silence.value).toBe("no");
  });
});

it("reports a host that cannot send", () => {
  host.send = () => {
    throw new Error("no comm");
  };
  model.command("run");
  expect(model.kernelState.problem.value?.text).toContain("no comm");
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
