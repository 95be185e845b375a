/*
 * Connections that lose messages, and hosts that are not JupyterLab: what is
 * lost is sent again, and what is announced for no reason changes nothing.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createModel, type Model, RESEND } from "../src/kernel/model.ts";
import { STALLED } from "../src/kernel/point-reception.ts";
import { FakeHost, FIT, MIXTURE, TRACE } from "./host.ts";

let host: FakeHost;
let controller: AbortController;
let model: Model;

const open = () => createModel(controller.signal, host);

beforeEach(() => {
  vi.useFakeTimers();
  host = new FakeHost();
  controller = new AbortController();
});

afterEach(() => {
  controller.abort();
  vi.useRealTimers();
});

describe("a connection that loses messages", () => {
  beforeEach(() => {
    model = open();
    host.ack(host.of("hello")[0]!);
    host.chunk(0);
    host.chunk(1);
  });

  it("gets a lost edit again, and the next ones after it", () => {
    model.edit(1, 0, { mean: [2.5, 60] }, false);
    model.edit(1, 0, { mean: [2.6, 61] }, false);
    vi.advanceTimersByTime(RESEND + 50);
    const edits = host.of("edit");
    expect(new Set(edits.map(({ seq }) => seq)).size).toBe(1);
    expect(edits.length).toBeGreaterThan(1);
    expect(edits.at(-1)).toMatchObject({ mean: [2.5, 60], line: 1 });
    host.ack(edits.at(-1)!);
    expect(host.of("edit").at(-1)).toMatchObject({ mean: [2.6, 61], line: 2 });
  });

  it("gets a lost command again until it is answered, ever more slowly", () => {
    model.command("step");
    vi.advanceTimersByTime(60_000);
    const sent = host.of("command").length;
    expect(sent).toBeGreaterThanOrEqual(6);
    expect(sent).toBeLessThanOrEqual(12);
    host.ack(host.of("command")[0]!);
    vi.advanceTimersByTime(60_000);
    expect(host.of("command").length).toBe(sent);
  });

  it("gets all at once what the kernel misses", () => {
    for (const name of ["step", "redo", "undo"] as const) model.command(name);
    host.tell({ kind: "resend", client: model.client, line: 1 });
    const names = host.of("command").map(({ name }) => name);
    expect(names).toEqual(["step", "redo", "undo", "step", "redo", "undo"]);
    host.tell({ kind: "resend", client: "another view", line: 1 });
    expect(host.of("command").length).toBe(6);
  });

  it("is asked for a state that an answer spoke of and that never came", () => {
    model.command("step");
    host.ack(host.of("command")[0]!, 5);
    const before = host.of("hello").length;
    vi.advanceTimersByTime(6000);
    expect(host.of("hello").slice(before)).toMatchObject([{ rev: 1 }]);
    host.state({ rev: 5 });
    vi.advanceTimersByTime(20_000);
    expect(model.kernelState.kernel.value?.fit.rev).toBe(5);
  });
});

it("asks for the points again where a chunk is lost, and no more once all are there", () => {
  model = open();
  host.ack(host.of("hello")[0]!);
  host.chunk(0);
  vi.advanceTimersByTime(STALLED + 50);
  expect(host.of("hello").length).toBe(2);
  host.ack(host.of("hello")[1]!);
  host.chunk(0);
  host.chunk(1);
  expect(model.kernelState.complete.value).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(host.of("hello").length).toBe(2);
});

/** A host that announces changes of traits that have not changed, as marimo does at times. */
class NoisyHost extends FakeHost {
  announce(seed: number): void {
    const names = [...this.traits.keys()];
    for (let i = 0; i < 40; i++) {
      const name = names[(seed * 31 + i * 17) % names.length]!;
      this.write({ [name]: structuredClone(this.get(name)) });
    }
  }
}

describe("a host that announces what has not changed", () => {
  it("leaves the steps of a run where they are", () => {
    const noisy = new NoisyHost();
    host = noisy;
    model = open();
    noisy.write({ running: true });
    noisy.state({ rev: 2, steps: 1, log_likelihood: -90 }, MIXTURE, true);
    noisy.state({ rev: 3, steps: 2, log_likelihood: -85 }, MIXTURE, true);
    const before = model.kernelState.kernel.value;
    for (let seed = 0; seed < 20; seed++) noisy.announce(seed);
    expect(model.kernelState.tail.value).toEqual([-90, -85]);
    expect(model.kernelState.kernel.value).toBe(before);
    expect(model.kernelState.problem.value).toBeNull();
    noisy.write({ _trace: { ...TRACE, values: [[-100, -90, -85]], total: 1 } });
    expect(model.kernelState.tail.value).toEqual([]);
  });
});

/** A host that loses the buffers of a model that it opens, and gives those of messages as bytes. */
class StrippingHost extends FakeHost {
  constructor(stripped: unknown) {
    super({ _preview: { extent: [1, 5, 45, 95], shape: [2, 2], counts: stripped, max: 2 } });
  }

  override tell(content: unknown, buffers: unknown[] = []): void {
    const bytes = buffers.map((buffer) => {
      const { buffer: all, byteOffset, byteLength } = buffer as DataView;
      return new Uint8Array(all.slice(byteOffset, byteOffset + byteLength));
    });
    super.tell(content, bytes);
  }
}

it.each([[undefined], [null], [{}]])("shows the points where buffers are lost (%s)", (stripped) => {
  host = new StrippingHost(stripped);
  model = open();
  expect(model.kernelState.problem.value).toBeNull();
  host.chunk(0);
  host.chunk(1);
  expect(model.kernelState.complete.value).toBe(true);
  expect(model.kernelState.cloud.value?.xy.length).toBe(8);
  expect(model.kernelState.kernel.value?.fit.rev).toBe(FIT.rev);
});
