/*
 * A host model with nothing behind it: traits in a map, messages in a list,
 * and a kernel that answers when a test says so.
 */
import type { Host } from "../src/messages/host.ts";
import structures from "./structures.json";

export interface Sent {
  kind: string;
  client: string;
  seq: number;
  [field: string]: unknown;
}

export const MIXTURE = {
  weights: [0.4, 0.6],
  means: [
    [2, 55],
    [4, 80],
  ],
  covariances: [
    [
      [0.1, 0.3],
      [0.3, 30],
    ],
    [
      [0.2, 0.5],
      [0.5, 36],
    ],
  ],
};

export const FIT = {
  rev: 1,
  ids: [0, 1],
  locks: [],
  log_likelihood: -100,
  bic: 250,
  n_parameters: 11,
  steps: 0,
  converged: false,
  gain: null,
  phase: "rest",
  painted: null,
  can_undo: false,
  can_redo: false,
  notice: null,
  acks: {},
};

export const TRACE = {
  id: [0],
  parent: [null],
  cause: ["start"],
  label: [["start"]],
  values: [[-100]],
  branch: 1,
  position: 0,
};

export const POINTS = [2.1, 54, 1.9, 57, 4.2, 83, 3.8, 77];

export class FakeHost implements Host {
  readonly sent: Sent[] = [];
  readonly traits: Map<string, unknown>;
  readonly listeners = new Map<string, Set<(...args: never[]) => void>>();
  saves = 0;

  constructor(traits: Record<string, unknown> = {}) {
    const counts = new DataView(Uint8Array.from([9, 255, 0, 0, 255]).buffer, 1);
    this.traits = new Map<string, unknown>([
      ["mixture", MIXTURE],
      ["_fit", FIT],
      ["covariance_type", "full"],
      ["running", false],
      ["_trace", TRACE],
      [
        "_view",
        {
          dims: [0, 1],
          columns: ["eruptions", "waiting"],
          data_rev: 1,
          n: 4,
          d: 2,
          origin: [3, 70],
          scale: [2, 20],
          extent: [1, 5, 45, 95],
          structures,
        },
      ],
      ["_preview", { extent: [1, 5, 45, 95], shape: [2, 2], counts, max: 2 }],
      ["height", 300],
      ["_released", 0],
      ...Object.entries(traits),
    ]);
  }

  get(name: string): unknown {
    return this.traits.get(name);
  }

  set(name: string, value: unknown): void {
    this.traits.set(name, value);
  }

  save_changes(): void {
    this.saves += 1;
  }

  on(name: string, callback: (...args: never[]) => void): void {
    const held = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, held.add(callback));
  }

  off(name: string, callback: (...args: never[]) => void): void {
    this.listeners.get(name)?.delete(callback);
  }

  send(content: unknown): void {
    this.sent.push(content as Sent);
  }

  /** How many callbacks are registered. */
  get open(): number {
    return [...this.listeners.values()].reduce((sum, held) => sum + held.size, 0);
  }

  /** The kernel writes traits, and the host tells of each. */
  write(traits: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(traits)) this.traits.set(name, value);
    for (const name of Object.keys(traits)) this.#fire(`change:${name}`);
  }

  /** The kernel sends a message. */
  tell(content: unknown, buffers: unknown[] = []): void {
    this.#fire("msg:custom", content, buffers);
  }

  /** The kernel answers one message. */
  ack(message: Sent, rev = 1, error: string | null = null): void {
    const coded = error === null ? null : ["refused", error];
    this.tell({ kind: "ack", client: message.client, seq: message.seq, rev, error: coded });
  }

  /** The kernel sends a state. */
  state(fit: Record<string, unknown>, mixture: unknown = MIXTURE, running = false): void {
    this.tell({ kind: "state", mixture, fit: { ...FIT, ...fit }, running });
  }

  of(kind: string): Sent[] {
    return this.sent.filter((message) => message.kind === kind);
  }

  /** The points as chunk `index` of two, in a buffer at an odd offset. */
  chunk(index: number, rev = 1): void {
    const values = POINTS.map((value, i) => (i % 2 ? (value - 70) / 20 : (value - 3) / 2));
    const part = Float32Array.from(values.slice(4 * index, 4 * index + 4));
    const shifted = new Uint8Array(part.byteLength + 3);
    shifted.set(new Uint8Array(part.buffer), 3);
    const content = {
      kind: "data",
      data_rev: rev,
      index,
      chunks: 2,
      start: 2 * index,
      count: 2,
      n: 4,
    };
    this.tell(content, [new DataView(shifted.buffer, 3)]);
  }

  #fire(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.listeners.get(event) ?? [])]) {
      (callback as (...given: unknown[]) => void)(...args);
    }
  }
}
