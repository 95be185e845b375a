/*
 * The host of a page without a kernel, as a view meets it: by messages alone.
 */
import { describe, expect, it } from "vitest";
import { Handout, openHandout } from "../src/kernel/handout-host.ts";
import { logDensity, type Mixture } from "../src/maths/mixture.ts";
import { parseCodedText, wordsOf } from "../src/messages/coded-text.ts";
import { normal, uniform } from "./dense.ts";
import { FakeHost, FIT, TRACE } from "./host.ts";

const random = uniform(3);
const rows = Array.from({ length: 200 }, (_, i) =>
  i % 2 ? [2 + 0.3 * normal(random), 55 + 6 * normal(random)] : [4 + normal(random) / 3, 80],
).map(([x, y]) => [x!, y! + 5 * normal(random)]);
const START: Mixture = {
  weights: [0.5, 0.5],
  means: [
    [2.5, 60],
    [3.5, 75],
  ],
  covariances: [
    [
      [1, 0],
      [0, 100],
    ],
    [
      [1, 0],
      [0, 100],
    ],
  ],
};
const total = (mixture: Mixture) => logDensity(mixture, rows).reduce((sum, each) => sum + each, 0);
const FITTED = { ...FIT, log_likelihood: total(START), bic: 11 - 2 * total(START) };

interface Heard {
  kind: string;
  mixture: Mixture;
  [name: string]: unknown;
}

function open(more: Record<string, unknown> = {}, weighted = false) {
  const fake = new FakeHost({ mixture: START, _fit: FITTED, _trace: TRACE, ...more });
  const points = Float32Array.from(rows.flatMap(([x, y]) => [(x! - 3) / 2, (y! - 70) / 20]));
  const host = new Handout(Object.fromEntries(fake.traits), points, weighted);
  const heard: Heard[] = [];
  const listener = (content: Heard) => heard.push(content);
  host.on("msg:custom", listener);
  let seq = 0;
  const say = async (content: object) => {
    host.send({ client: "me", seq: ++seq, ...content });
    await Promise.resolve();
    const answer = heard[heard.length - 1];
    const error = parseCodedText(answer?.error);
    return { ...answer, error: error && wordsOf(error) };
  };
  const command = (name: string) => say({ kind: "command", name, args: {} });
  const edit = (gesture: number, mean: number[]) =>
    say({ kind: "edit", gesture, final: true, component: 0, dims: [0, 1], mean });
  return { host, heard, say, command, edit, listener };
}

const figure = (host: Handout) => (host.get("_fit") as typeof FIT).log_likelihood;

describe("a page without a kernel", () => {
  it("gives its points to whoever greets", async () => {
    const { say, heard } = open();
    const ack = await say({ kind: "hello", data_rev: -1 });
    expect(heard[0]).toMatchObject({ kind: "data", data_rev: 1, chunks: 1, n: 200, count: 200 });
    expect(ack).toMatchObject({ kind: "ack", client: "me", seq: 1, error: null });
  });

  it("has the exact figure for what a hand did, and undoes it", async () => {
    const { host, edit, command } = open();
    await edit(1, [2, 55]);
    await edit(1, [2.1, 56]);
    const moved = host.get("mixture") as Mixture;
    expect(moved.means[0]).toEqual([2.1, 56]);
    expect(figure(host)).toBeCloseTo(total(moved), 3);
    const { bic } = host.get("_fit") as typeof FIT;
    expect(bic).toBeCloseTo(11 - 2 * total(moved), 2);
    await command("undo");
    expect(host.get("mixture")).toEqual(START);
    expect(figure(host)).toBeCloseTo(FITTED.log_likelihood, 6);
    await command("redo");
    expect(host.get("mixture")).toEqual(moved);
    await command("redo");
    expect(host.get("mixture")).toEqual(moved);
  });

  it("takes EM steps that never go down, each with its exact figure", async () => {
    const { host, command } = open();
    let before = FITTED.log_likelihood;
    for (let i = 1; i <= 12; i++) {
      await command("step");
      const now = figure(host);
      expect(now).toBeGreaterThanOrEqual(before - 1e-6);
      expect(now).toBeCloseTo(total(host.get("mixture") as Mixture), 3);
      expect((host.get("_fit") as typeof FIT).steps).toBe(i);
      before = now;
    }
    expect(before).toBeGreaterThan(FITTED.log_likelihood + 10);
  });

  it("runs until a step gains nothing, and stops when told", async () => {
    const { host, command } = open();
    await command("run");
    expect(host.get("running")).toBe(true);
    await command("stop");
    expect(host.get("running")).toBe(false);
    const { steps } = host.get("_fit") as typeof FIT;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((host.get("_fit") as typeof FIT).steps).toBe(steps);
  });

  it("refuses what needs Python, and says so", async () => {
    const { host, command } = open();
    for (const name of ["split", "set_n_components", "e_step", "jump", "toString"]) {
      expect((await command(name)).error).toContain("no kernel");
    }
    expect(host.get("mixture")).toEqual(START);
  });

  it("shows no figure where the plane is not all that was fitted", async () => {
    const three = (row: readonly number[]) => [...row, 0];
    const mixture = {
      weights: START.weights,
      means: START.means.map(three),
      covariances: START.covariances.map((c) => [...c.map(three), [0, 0, 1]]),
    };
    const _view = { ...(new FakeHost().get("_view") as object), d: 3, columns: ["a", "b", "c"] };
    const { host, edit, command } = open({ mixture, _view });
    await edit(1, [2, 55]);
    expect(figure(host)).toBeNull();
    expect((host.get("mixture") as Mixture).means[0]).toEqual([2, 55, 0]);
    expect((await command("step")).error).toContain("no kernel");
  });

  it("shows none where rows had weights that are not here", async () => {
    const { host, edit, command } = open({}, true);
    expect(figure(host)).toBe(FITTED.log_likelihood);
    await edit(1, [2, 55]);
    expect(figure(host)).toBeNull();
    expect((await command("run")).error).toContain("no kernel");
  });

  it("forgets listeners that left", async () => {
    const { host, heard, listener, command } = open();
    host.off("msg:custom", listener);
    await command("step");
    expect(heard).toEqual([]);
  });

  it("is opened from text, and not from a damaged one", () => {
    const traits = Object.fromEntries(new FakeHost().traits);
    const _preview = { ...(traits._preview as object), counts: btoa("\xff\0\0\xff") };
    const points = btoa(String.fromCharCode(...new Uint8Array(Float32Array.of(0, 0, 1, 1).buffer)));
    const good = JSON.stringify({ traits: { ...traits, _preview }, points });
    expect(openHandout(good).get("height")).toBe(300);
    expect(
      openHandout(JSON.stringify({ traits: { ...traits, _preview }, points: null })),
    ).toBeDefined();
    const damaged = { ...traits, _preview, mixture: { weights: [1], means: [], covariances: [] } };
    expect(() => openHandout(JSON.stringify({ traits: damaged, points: null }))).toThrow("mixture");
  });
});
