/*
 * The host of a saved page: it stands in for the kernel.
 *
 * It answers a view as the kernel would, as far as two columns of points in a
 * browser allow: points, edits, EM steps and undo. What needs Python is refused
 * with a reason.
 */

import { logLikelihood } from "../maths/likelihood.ts";
import { type Mixture, marginal, type Patch, place } from "../maths/mixture.ts";
import { nextStep } from "../maths/next-em-step.ts";
import type { PlanePoints } from "../maths/points.ts";
import type { Structure } from "../maths/structures.ts";
import { type Fields, fields, number } from "../messages/checks.ts";
import { TOLERANCE } from "../messages/commands.ts";
import type { Host } from "../messages/host.ts";
import {
  bytes,
  parseFit,
  parseMixture,
  parsePreview,
  parseView,
  structureNamed,
  type View,
} from "../messages/messages.ts";
import { previewPoints } from "../state/received-points.ts";

const REFUSED = [
  "refused",
  "This page has no kernel: drag, EM step, Run and Undo work; for more open the notebook",
];
const MOST_BACK = 200; // states that undo keeps

type Callback = (...args: never[]) => void;
type State = { readonly mixture: Mixture; readonly value: number | null; readonly steps: number };

export class Handout implements Host {
  readonly #traits: Fields;
  readonly #points: Float32Array | null;
  readonly #cloud: PlanePoints;
  readonly #view: View;
  readonly #structure: Structure;
  /** The points here are all that was fitted, so that figures and steps can be computed. */
  readonly #known: boolean;
  readonly #base: { readonly value: number | null; readonly local: number; readonly fit: Fields };
  readonly #listeners = new Map<string, Set<Callback>>();
  #state: State;
  #gain: number | null = null;
  #back: State[] = [];
  #ahead: State[] = [];
  #gesture = 0;

  /**
   * `traits` as the widget had them; `points` as a chunk has them, or null for the counts;
   * `weighted` where rows had weights, which the page does not hold.
   */
  constructor(traits: Fields, points: Float32Array | null, weighted = false) {
    this.#traits = { ...traits };
    this.#points = points;
    this.#view = parseView(traits._view);
    this.#structure = structureNamed(this.#view, traits.covariance_type);
    this.#known = this.#view.d === 2 && !weighted && this.#structure.averages;
    this.#cloud = points ? this.#whole(points) : previewPoints(parsePreview(traits._preview));
    const mixture = parseMixture(traits.mixture);
    const fit = parseFit(traits._fit, mixture.weights.length);
    const value = fit.logLikelihood;
    this.#base = { value, local: this.#sum(mixture), fit: fields(traits._fit, "fit") };
    this.#state = { mixture, value, steps: fit.steps };
  }

  get(name: string): unknown {
    return this.#traits[name];
  }

  set(name: string, value: unknown): void {
    this.#traits[name] = value;
  }

  save_changes(): void {
    // Nothing is behind this host to save to.
  }

  on(name: string, callback: Callback): void {
    const held = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, held.add(callback));
  }

  off(name: string, callback: Callback): void {
    this.#listeners.get(name)?.delete(callback);
  }

  send(content: unknown): void {
    const message = fields(content, "message");
    queueMicrotask(() => {
      const error = this.#answer(message);
      const rev = this.#base.fit.rev;
      this.#tell({ kind: "ack", client: message.client, seq: message.seq, rev, error });
    });
  }

  #whole(xy: Float32Array): PlanePoints {
    const { origin, scale } = this.#view;
    return { xy, weight: null, origin, scale, total: xy.length / 2, cell: null };
  }

  /** Carry out a message; returns the reason where that is not possible. */
  #answer({ kind, name, ...message }: Fields): readonly string[] | null {
    if (kind === "hello") this.#give();
    if (kind === "edit") this.#edit(message);
    if (kind === "memberships") return REFUSED;
    if (kind !== "command") return null;
    if (name === "undo" || name === "redo") this.#turn(name === "undo");
    else if (name === "step" && this.#known) this.#step();
    else if (name === "run" && this.#known) this.#run();
    else if (name === "stop") this.#traits.running = false;
    else return REFUSED;
    return null;
  }

  #give(): void {
    if (!this.#points) return;
    const n = this.#points.length / 2;
    const whole = { index: 0, chunks: 1, start: 0, count: n, n };
    this.#tell({ kind: "data", data_rev: this.#view.dataRev, ...whole }, [this.#points]);
  }

  #edit({ component, gesture, ...patch }: Fields): void {
    const at = (this.#base.fit.ids as unknown[]).indexOf(component);
    if (at < 0) return;
    if (gesture !== this.#gesture) this.#keep();
    this.#gesture = number(gesture, "gesture");
    const { mixture, steps } = this.#state;
    this.#gain = null;
    this.#show(place(mixture, at, this.#view.dims, patch as Patch, this.#structure), steps);
  }

  /** One EM step; returns its gain in nats a point. */
  #step(): number {
    this.#keep();
    const { mixture, value, steps } = this.#state;
    const { locks } = parseFit(this.#base.fit, mixture.weights.length);
    const next = nextStep(mixture, this.#cloud, this.#structure, locks);
    this.#gain = (this.#figure(next)! - (value ?? this.#figure(mixture)!)) / this.#cloud.total;
    this.#show(next, steps + 1);
    return this.#gain;
  }

  #run(): void {
    this.#traits.running = true;
    const on = () => {
      if (this.#traits.running !== true) return this.#settle();
      if (this.#step() < TOLERANCE) this.#traits.running = false;
      setTimeout(on, 1000 / 30);
    };
    on();
  }

  #settle(): void {
    this.#show(this.#state.mixture, this.#state.steps);
  }

  #keep(): void {
    this.#back = [...this.#back.slice(1 - MOST_BACK), this.#state];
    this.#ahead = [];
  }

  #turn(back: boolean): void {
    this.#traits.running = false;
    const [from, to] = back ? [this.#back, this.#ahead] : [this.#ahead, this.#back];
    const state = from.pop();
    if (!state) return;
    to.push(this.#state);
    this.#gain = null;
    this.#show(state.mixture, state.steps);
  }

  /** The sum over the points here of a mixture's density in the plane. */
  #sum(mixture: Mixture): number {
    return logLikelihood(marginal(mixture, this.#view.dims), this.#cloud);
  }

  /** The saved figure and the change since; null where it can't be known here. */
  #figure(mixture: Mixture): number | null {
    const { value, local } = this.#base;
    if (!this.#known) return null;
    return value === null ? this.#sum(mixture) : value + this.#sum(mixture) - local;
  }

  #show(mixture: Mixture, steps: number): void {
    const { fit, value: saved } = this.#base;
    const value = this.#figure(mixture);
    this.#state = { mixture, value, steps };
    const worse = value === null || saved === null ? null : 2 * (saved - value);
    const bic = worse === null || typeof fit.bic !== "number" ? null : fit.bic + worse;
    fit.rev = Number(fit.rev) + 1;
    const figures = { log_likelihood: value, bic, gain: this.#gain, steps };
    const converged = this.#gain !== null && this.#gain < TOLERANCE;
    const undo = { can_undo: this.#back.length > 0, can_redo: this.#ahead.length > 0 };
    const now = { ...fit, ...figures, ...undo, converged, phase: "rest", painted: null };
    Object.assign(this.#traits, { mixture, _fit: now });
    this.#tell({ kind: "state", mixture, fit: now, running: this.#traits.running });
  }

  #tell(content: unknown, buffers: unknown[] = []): void {
    for (const callback of [...(this.#listeners.get("msg:custom") ?? [])]) {
      (callback as (...args: unknown[]) => void)(content, buffers);
    }
  }
}

/** Bytes from the text that a file can hold. */
export function unpack(base64: unknown): Uint8Array {
  return Uint8Array.from(atob(String(base64)), (letter) => letter.charCodeAt(0));
}

/** The host of what a file holds. */
export function openHandout(text: string): Handout {
  const held = fields(JSON.parse(text), "handout");
  const traits = fields(held.traits, "handout.traits");
  const preview = { ...fields(traits._preview, "handout.preview") };
  preview.counts = unpack(preview.counts);
  const raw = typeof held.points === "string" ? bytes(unpack(held.points), "points") : null;
  const points = raw && new Float32Array(raw.buffer, 0, raw.byteLength >> 2);
  return new Handout({ ...traits, _preview: preview }, points, held.weighted === true);
}
