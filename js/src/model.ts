/*
 * The host's model as signals, and the view's voice to the kernel.
 *
 * Kernel-owned state comes in by traits (at rest) and by messages (live);
 * whichever has the larger revision is shown. What hands hold lies over it
 * until it is acknowledged. Several views of one model are independent
 * clients that agree because they show the same revisions.
 */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { type Cloud, condensed, Intake, previewCloud } from "./cloud.ts";
import { grasp, type Hands, NO_HANDS, overlaid, released, sealed } from "./hands.ts";
import { onEnd, timer, watch } from "./life.ts";
import { logLikelihood } from "./likelihood.ts";
import { type Mixture, marginal, type Patch } from "./mixture.ts";
import { isEdit, Outbox, type Outgoing } from "./outbox.ts";
import { type Structure, structureOf } from "./structure.ts";
import {
  type Fit,
  type Notice,
  parseChunk,
  parseFit,
  parseMixture,
  parsePreview,
  parseTrace,
  parseView,
  type Trace,
  type View,
  WireError,
} from "./wire.ts";

/** What anywidget hands to a view, as far as it is used here. */
export interface Host {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): unknown;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(content: unknown): unknown;
}

export interface Kernel {
  readonly mixture: Mixture;
  readonly fit: Fit;
}

/** Figures on show: the kernel's, or the browser's while a hand is at work. */
export interface Figures {
  readonly logLikelihood: number | null;
  readonly bic: number | null;
  readonly live: boolean;
}

const PATIENCE = 3000; // ms before a silent kernel is mentioned
const EXACT = 20_000; // rows up to which the live sum runs over all points

export class Model {
  readonly kernel: Signal<Kernel | null> = signal(null);
  readonly running = signal(false);
  readonly structure: Signal<Structure> = signal(structureOf("full"));
  readonly trace: Signal<Trace> = signal({ logLikelihood: [], cause: [], position: 0 });
  readonly view: Signal<View | null> = signal(null);
  readonly cloud: Signal<Cloud | null> = signal(null);
  readonly height = signal(420);
  readonly hands: Signal<Hands> = signal(NO_HANDS);
  readonly complete = signal(false); // all points are here, not only a preview
  readonly problem: Signal<Notice | null> = signal(null);
  readonly silent = signal(false);

  /** The mixture on the screen, in all columns. */
  readonly shown: ReadonlySignal<Mixture | null> = computed(() => {
    const kernel = this.kernel.value;
    if (!kernel) return null;
    return overlaid(kernel.mixture, kernel.fit.ids, this.hands.value, this.structure.value);
  });
  /** The same in the plane on show. */
  readonly plane: ReadonlySignal<Mixture | null> = computed(() => this.#plane(this.shown.value));
  /** The mixture whose memberships colour the points. */
  readonly painted: ReadonlySignal<Mixture | null> = computed(() => {
    const painted = this.kernel.value?.fit.painted;
    return painted && this.hands.value.size === 0 ? this.#plane(painted) : this.plane.value;
  });
  readonly figures: ReadonlySignal<Figures> = computed(() => this.#figures());

  readonly #host: Host;
  readonly #outbox: Outbox;
  readonly #rows = computed(() => (this.cloud.value ? condensed(this.cloud.value, EXACT) : null));
  #base: { kernel: number; bic: number | null; local: number } | null = null;
  #intake: Intake | null = null;
  #gestures = 0;
  #dirty = false;
  #ended = false;

  constructor(end: AbortSignal, host: Host) {
    this.#host = host;
    const client = Math.random().toString(36).slice(2, 12);
    this.#outbox = new Outbox(
      client,
      () => this.kernel.peek()?.fit.rev ?? 0,
      (message) => void host.send(message),
    );
    this.#followSilence(end);
    this.#subscribe(end);
    onEnd(end, () => {
      this.#ended = true;
    });
    this.#readTraits(["view", "preview", "covariance_type", "trace", "running", "height"]);
    this.#readKernel();
    watch(end, () => {
      const rev = this.view.value?.dataRev;
      if (rev !== undefined) this.#greet(rev);
    });
  }

  get client(): string {
    return this.#outbox.client;
  }

  /** A number for a new gesture. */
  gesture(): number {
    this.#gestures += 1;
    return this.#gestures;
  }

  /** Place a component by hand; drawn at once, told to the kernel when it listens. */
  edit(gesture: number, component: number, patch: Patch, final: boolean): void {
    const dims = this.view.peek()?.dims;
    if (!dims || !this.kernel.peek()?.fit.ids.includes(component)) return;
    if (this.hands.peek().size === 0) this.#rememberBase();
    this.hands.value = grasp(this.hands.peek(), component, gesture, dims, patch);
    this.#outbox.push({ kind: "edit", gesture, final, component, dims, ...patch });
    if (final) this.#tellHost();
  }

  /** Ask the kernel for an act. */
  command(name: string, args: Record<string, unknown> = {}): void {
    this.#outbox.push({ kind: "command", name, args });
  }

  #plane(mixture: Mixture | null): Mixture | null {
    const dims = this.view.value?.dims;
    if (!mixture || !dims || dims.some((dim) => dim >= (mixture.means[0]?.length ?? 0)))
      return null;
    return marginal(mixture, dims);
  }

  #local(mixture: Mixture | null): number | null {
    const rows = this.#rows.value;
    if (!mixture || !rows || this.view.value?.d !== 2) return null;
    return logLikelihood(mixture, rows);
  }

  #rememberBase(): void {
    const kernel = this.kernel.peek();
    const local = kernel ? this.#local(this.#plane(kernel.mixture)) : null;
    this.#base =
      kernel && local !== null
        ? { kernel: kernel.fit.logLikelihood ?? local, bic: kernel.fit.bic, local }
        : null;
  }

  #figures(): Figures {
    const fit = this.kernel.value?.fit;
    const rest = { logLikelihood: fit?.logLikelihood ?? null, bic: fit?.bic ?? null, live: false };
    if (!fit || this.hands.value.size === 0) return rest;
    const local = this.#local(this.plane.value);
    if (local === null || !this.#base) return { ...rest, live: true };
    const change = local - this.#base.local;
    const bic = this.#base.bic === null ? null : this.#base.bic - 2 * change;
    return { logLikelihood: this.#base.kernel + change, bic, live: true };
  }

  #subscribe(end: AbortSignal): void {
    const on = (name: string, callback: (...args: never[]) => void) => {
      this.#host.on(name, callback);
      onEnd(end, () => this.#host.off(name, callback));
    };
    for (const name of ["view", "preview", "covariance_type", "trace", "running", "height"]) {
      on(`change:${name}`, () => this.#readTraits([name]));
    }
    on("change:mixture", () => this.#readSoon());
    on("change:fit", () => this.#readSoon());
    on("msg:custom", (content: unknown, buffers?: unknown) => this.#receive(content, buffers));
  }

  /** Parse and apply; what does not parse leaves the last good state and a notice. */
  #guarded(body: () => void): void {
    try {
      batch(body);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.problem.value = {
        level: "error",
        text: `Ignored an update that could not be shown: ${error.message}`,
      };
    }
  }

  #readTraits(names: readonly string[]): void {
    for (const name of names) this.#guarded(() => this.#readTrait(name, this.#host.get(name)));
  }

  #readTrait(name: string, value: unknown): void {
    if (value === undefined || value === null) return;
    if (name === "view") this.#setView(parseView(value));
    else if (name === "preview") this.#setPreview(value);
    else if (name === "trace") this.trace.value = parseTrace(value);
    else if (name === "running") this.running.value = value === true;
    else if (name === "covariance_type") this.structure.value = structureOf(String(value));
    else if (name === "height" && typeof value === "number" && value > 0) this.height.value = value;
  }

  #setView(view: View): void {
    const old = this.view.peek();
    if (JSON.stringify(old) === JSON.stringify(view)) return;
    const planeMoved = !old || old.dataRev !== view.dataRev;
    this.view.value = view;
    if (planeMoved) {
      this.#intake = null;
      this.complete.value = false;
      this.#setPreview(this.#host.get("preview"));
    }
  }

  #setPreview(value: unknown): void {
    if (this.complete.peek() || !value || Object.keys(value).length === 0) return;
    this.cloud.value = previewCloud(parsePreview(value));
  }

  /** Mixture and fit are written together: read both once, after the burst. */
  #readSoon(): void {
    if (this.#dirty) return;
    this.#dirty = true;
    queueMicrotask(() => {
      this.#dirty = false;
      if (!this.#ended) this.#readKernel();
    });
  }

  #readKernel(): void {
    const mixture = this.#host.get("mixture");
    const fit = this.#host.get("fit");
    if (!mixture || !fit || Object.keys(mixture).length === 0) return;
    this.#guarded(() => this.#accept(mixture, fit));
  }

  /** Show a state unless a later one is already shown. */
  #accept(rawMixture: unknown, rawFit: unknown): boolean {
    const mixture = parseMixture(rawMixture);
    const fit = parseFit(rawFit, mixture.weights.length);
    if (fit.rev < (this.kernel.peek()?.fit.rev ?? 0)) return false;
    this.kernel.value = { mixture, fit };
    this.#answered(fit.acks[this.client] ?? 0);
    return true;
  }

  #answered(seq: number): void {
    this.#outbox.acknowledge(seq);
    const ids = this.kernel.peek()?.fit.ids ?? [];
    this.hands.value = released(this.hands.peek(), seq, ids);
  }

  #receive(content: unknown, buffers: unknown): void {
    if (typeof content !== "object" || content === null) return;
    const message = content as Record<string, unknown>;
    if (message.kind === "state") this.#guarded(() => this.#receiveState(message));
    else if (message.kind === "ack" && message.client === this.client) this.#receiveAck(message);
    else if (message.kind === "data") this.#guarded(() => this.#receiveData(message, buffers));
  }

  #receiveState(message: Record<string, unknown>): void {
    if (!this.#accept(message.mixture, message.fit)) return;
    this.running.value = message.running === true;
  }

  #receiveAck(message: Record<string, unknown>): void {
    const seq = typeof message.seq === "number" ? message.seq : 0;
    const error = typeof message.error === "string" ? message.error : null;
    batch(() => {
      this.silent.value = false;
      this.problem.value = error ? { level: "error", text: error } : null;
      const rev = typeof message.rev === "number" ? message.rev : 0;
      const arrived = (this.kernel.peek()?.fit.rev ?? 0) >= rev;
      if (error || arrived) this.#answered(seq);
      else this.#outbox.acknowledge(seq);
    });
  }

  #receiveData(message: Record<string, unknown>, buffers: unknown): void {
    const view = this.view.peek();
    const chunk = parseChunk(message, Array.isArray(buffers) ? buffers[0] : undefined);
    if (!view || chunk.dataRev !== view.dataRev) return;
    this.#outbox.now({ kind: "data_ack", data_rev: chunk.dataRev, index: chunk.index });
    if (this.complete.peek()) return;
    this.#intake ??= new Intake(chunk);
    if (!this.#intake.take(chunk)) return;
    this.complete.value = true;
    this.cloud.value = this.#intake.cloud(view);
    this.#intake = null;
  }

  #greet(rev: number): void {
    const held = this.complete.peek() ? rev : -1;
    this.#outbox.now({ kind: "hello", data_rev: held });
  }

  #followSilence(end: AbortSignal): void {
    const check = timer(end, PATIENCE, () => {
      const waited = this.#outbox.waited(performance.now());
      this.silent.value = waited >= PATIENCE;
      if (waited > 0) check.start(this.silent.value ? 500 : PATIENCE - waited);
    });
    this.#outbox.onSent = (message: Outgoing, seq: number) => {
      if (isEdit(message) && message.final) {
        this.hands.value = sealed(this.hands.peek(), message.component, message.gesture, seq);
      }
      if (!check.pending()) check.start();
    };
  }

  /** One ordinary trait write per release: some hosts react to nothing else. */
  #tellHost(): void {
    const count = Number(this.#host.get("released") ?? 0);
    this.#host.set("released", (Number.isFinite(count) ? count : 0) + 1);
    void this.#host.save_changes();
  }
}

export { EXACT, PATIENCE };
