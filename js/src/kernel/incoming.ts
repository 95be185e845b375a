/*
 * From the host to the facts: traits at rest, messages while things move.
 *
 * Both carry a revision and may arrive in any order; the larger revision is
 * shown. Whatever cannot be parsed leaves the last good state on the screen
 * and says so. Mixture and fit are written together by the kernel, so their
 * change events are folded into one reading.
 */
import { batch } from "@preact/signals-core";
import { onEnd, timer, watch } from "../base/lifetime.ts";
import { structureOf } from "../maths/structures.ts";
import { WireError } from "../messages/checks.ts";
import { type Host, onDeath } from "../messages/host.ts";
import { parseFit, parseMixture, parsePreview, parseView } from "../messages/messages.ts";
import { longer, parseTrace } from "../state/history.ts";
import type { Facts } from "../state/kernel-state.ts";
import { released } from "../state/pending-edits.ts";
import { previewCloud } from "../state/received-points.ts";
import { parseSurvey } from "../state/restart-survey.ts";
import { withSelection } from "../state/selection-grid.ts";
import type { Outbox } from "./outgoing.ts";
import { PointReception } from "./point-reception.ts";
import type { Memberships } from "./responsibility-requests.ts";
import type { Regions } from "./visible-counts.ts";

const MISSING = 5000; // ms after an answer before the state it speaks of is asked for

type Message = Readonly<Record<string, unknown>>;

const empty = (value: unknown) =>
  value === undefined ||
  value === null ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** Some hosts drop the buffers of traits when a model is opened; the points come by themselves. */
function isStripped(preview: unknown): boolean {
  const counts = (preview as { counts?: unknown }).counts;
  const binary = ArrayBuffer.isView(counts) || counts instanceof ArrayBuffer;
  return !binary && empty(counts);
}

export class Inbox {
  readonly #host: Host;
  readonly #facts: Facts;
  readonly #outbox: Outbox;
  readonly #regions: Regions;
  readonly #memberships: Memberships;
  readonly #readers: Readonly<Record<string, (value: unknown) => void>>;
  #trace = "";
  readonly #points: PointReception;
  readonly #missing: { start(): void; stop(): void };
  #scheduled = false;
  #ended = false;

  constructor(
    end: AbortSignal,
    host: Host,
    facts: Facts,
    outbox: Outbox,
    regions: Regions,
    memberships: Memberships,
  ) {
    this.#host = host;
    this.#facts = facts;
    this.#outbox = outbox;
    this.#regions = regions;
    this.#memberships = memberships;
    this.#readers = {
      view: (value) => this.#setView(value),
      preview: (value) => this.#setPreview(value),
      covariance_type: (value) => {
        facts.structure.value = structureOf(String(value));
      },
      trace: (value) => {
        // Some hosts announce traits that have not changed: the steps of a run must stay then.
        const raw = JSON.stringify(value);
        if (raw === this.#trace) return;
        this.#trace = raw;
        facts.trace.value = parseTrace(value);
        facts.tail.value = [];
      },
      survey: (value) => {
        facts.survey.value = parseSurvey(value);
      },
      running: (value) => {
        facts.running.value = value === true;
      },
      height: (value) => {
        if (typeof value === "number" && value > 0) facts.height.value = value;
      },
    };
    const again = () => this.#greet(facts.view.peek()?.dataRev);
    this.#points = new PointReception(end, facts, outbox, again);
    this.#missing = timer(end, MISSING, again);
    this.#subscribe(end);
    onEnd(end, () => {
      this.#ended = true;
    });
    for (const name of Object.keys(this.#readers)) this.#read(name);
    this.#readKernel();
    watch(end, () => this.#greet(facts.view.value?.dataRev));
  }

  #subscribe(end: AbortSignal): void {
    const on = (name: string, callback: (...args: never[]) => void) => {
      this.#host.on(name, callback);
      onEnd(end, () => this.#host.off(name, callback));
    };
    for (const name of Object.keys(this.#readers)) on(`change:${name}`, () => this.#read(name));
    on("change:mixture", () => this.#readKernelSoon());
    on("change:fit", () => this.#readKernelSoon());
    on("comm_live_update", () => this.#changed());
    onEnd(
      end,
      onDeath(this.#host, () => this.#lost()),
    );
    on("msg:custom", (content: unknown, buffers: unknown) => this.#receive(content, buffers));
  }

  /** The host's line to the kernel was cut, or is there again: who answers is alive. */
  #changed(): void {
    if (this.#facts.silence.peek() === "gone") this.#greet(this.#facts.view.peek()?.dataRev);
    else this.#lost();
  }

  /** Whatever runs in the kernel has ended; what was never there is not missed. */
  #lost(): void {
    const { silence, running, tail } = this.#facts;
    if (!this.#outbox.answered) return;
    silence.value = "gone";
    running.value = false;
    tail.value = [];
  }

  /** Apply in one batch; false, and a notice, for what does not parse. */
  #guarded(body: () => void): boolean {
    try {
      batch(body);
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  #report(error: unknown): void {
    if (!(error instanceof WireError)) throw error;
    const text = `Ignored an update that could not be shown: ${error.message}`;
    this.#facts.problem.value = { level: "error", text };
  }

  #read(name: string): void {
    const value = this.#host.get(name);
    if (!empty(value) || typeof value === "boolean" || typeof value === "number") {
      this.#guarded(() => this.#readers[name]?.(value));
    }
  }

  #readKernelSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#ended) this.#readKernel();
    });
  }

  #readKernel(): void {
    const mixture = this.#host.get("mixture");
    const fit = this.#host.get("fit");
    if (!empty(mixture) && !empty(fit)) this.#guarded(() => void this.#accept(mixture, fit));
  }

  /** Show a state, unless a later one is on show already. */
  #accept(rawMixture: unknown, rawFit: unknown): boolean {
    const mixture = parseMixture(rawMixture);
    const fit = parseFit(rawFit, mixture.weights.length);
    if (fit.rev < this.#revision()) return false;
    this.#facts.kernel.value = { mixture, fit };
    this.#missing.stop();
    const done = fit.acks[this.#outbox.client] ?? 0;
    this.#answered((seq) => seq <= done);
    return true;
  }

  #revision(): number {
    return this.#facts.kernel.peek()?.fit.rev ?? 0;
  }

  #answered(answered: (seq: number) => boolean): void {
    const { ids, hands } = this.#facts;
    this.#outbox.acknowledge(answered);
    hands.value = released(hands.peek(), answered, ids.peek());
  }

  #receive(content: unknown, buffers: unknown): void {
    if (typeof content !== "object" || content === null) return;
    const message = content as Message;
    if (this.#facts.silence.peek() === "gone") this.#facts.silence.value = "no";
    const buffer = Array.isArray(buffers) ? buffers[0] : undefined;
    const { kind } = message;
    if (kind === "memberships") this.#receiveMemberships(message, buffer);
    else if (kind === "grid") this.#receiveGrid(message, buffer);
    else {
      this.#guarded(() => {
        if (kind === "state") this.#receiveState(message);
        else if (kind === "ack") this.#receiveAck(message);
        else if (kind === "resend" && this.#mine(message)) this.#outbox.resend();
        else if (kind === "selection") this.#receiveSelection(message);
        // Each view is sent its own chunks; those of others are theirs to acknowledge.
        else if (kind === "data" && (message.client === undefined || this.#mine(message))) {
          this.#points.receive(message, buffer);
        }
      });
    }
  }

  /** Whether a message is for this view. */
  #mine({ client }: Message): boolean {
    return client === this.#outbox.client;
  }

  /** Grids are unpacked in the background; other views' are theirs. */
  #receiveGrid(message: Message, buffer: unknown): void {
    if (!this.#mine(message)) return;
    this.#regions.receive(message, buffer).catch((error) => this.#report(error));
  }

  #receiveSelection(message: Message): void {
    const { grid } = this.#facts;
    grid.value = withSelection(grid.peek(), message);
  }

  #receiveMemberships(message: Message, buffer: unknown): void {
    if (!this.#mine(message)) return;
    const good = this.#guarded(() => this.#memberships.receive(message, buffer));
    if (!good) this.#memberships.refused();
  }

  #receiveState(message: Message): void {
    const { kernel, running, tail } = this.#facts;
    const before = kernel.peek()?.fit.steps;
    if (!this.#accept(message.mixture, message.fit)) return;
    const { logLikelihood, steps } = kernel.peek()!.fit;
    const moving = message.running === true || running.peek();
    if (moving && logLikelihood !== null && steps !== before) {
      tail.value = longer(tail.peek(), logLikelihood);
    }
    running.value = message.running === true;
  }

  #receiveAck(message: Message): void {
    const { seq } = message;
    if (!this.#mine(message) || typeof seq !== "number") return;
    const { problem } = this.#facts;
    const asked = this.#memberships.waits(seq);
    const exactly = (sent: number) => sent === seq;
    const refused = typeof message.error === "string" ? message.error : null;
    if (refused) {
      problem.value = { level: "error", text: refused };
      if (asked) this.#memberships.refused();
      // Greetings, receipts and questions are answered as well, and mend nothing.
    } else if (seq === this.#outbox.act) problem.value = null;
    const rev = typeof message.rev === "number" ? message.rev : 0;
    // The state that an accepted edit led to may still be on its way.
    if (refused || rev <= this.#revision()) this.#answered(exactly);
    else {
      this.#outbox.acknowledge(exactly);
      this.#missing.start();
    }
  }

  #setView(value: unknown): void {
    const { view, complete, overview } = this.#facts;
    const next = parseView(value);
    const old = view.peek();
    if (JSON.stringify(old) === JSON.stringify(next)) return;
    view.value = next;
    if (old?.dataRev === next.dataRev) return;
    this.#points.reset();
    complete.value = false;
    overview.value = null;
    this.#setPreview(this.#host.get("preview"));
  }

  #setPreview(value: unknown): void {
    const { complete, cloud, overview, view } = this.#facts;
    if (complete.peek() || empty(value) || isStripped(value)) return;
    cloud.value = previewCloud(parsePreview(value));
    if (view.peek()?.travels === "counts") overview.value = cloud.peek();
  }

  #greet(rev: number | undefined): void {
    if (rev === undefined) return;
    const held = this.#facts.complete.peek() ? rev : -1;
    this.#outbox.now({ kind: "hello", data_rev: held, rev: this.#revision() });
    this.#points.expect();
  }
}
