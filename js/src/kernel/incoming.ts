/*
 * From the host to the signals: traits at rest, messages in runs and drags. Both
 * carry a revision and may arrive in any order; the larger revision is
 * shown. What cannot be parsed leaves the last good state on the screen, with a
 * notice. The kernel writes mixture and fit together, so their change events
 * are folded into one reading.
 */
import { batch } from "@preact/signals-core";
import { onEnd, timer, watch } from "../base/lifetime.ts";
import { isEmpty, isStripped, WireError } from "../messages/checks.ts";
import { parseCodedText } from "../messages/coded-text.ts";
import { type Host, onDeath } from "../messages/host.ts";
import {
  parseFit,
  parseMixture,
  parsePreview,
  parseView,
  structureNamed,
} from "../messages/messages.ts";
import { noticeOf } from "../messages/notices.ts";
import { longer, parseTrace } from "../state/history.ts";
import type { KernelState } from "../state/kernel-state.ts";
import { released } from "../state/pending-edits.ts";
import { previewPoints } from "../state/received-points.ts";
import { parseRestartSurvey } from "../state/restart-survey.ts";
import { withSelection } from "../state/selection-grid.ts";
import type { SendQueue } from "./outgoing.ts";
import { PointReception } from "./point-reception.ts";
import type { ResponsibilityRequests } from "./responsibility-requests.ts";
import type { CountRequests } from "./visible-counts.ts";

const MISSING = 5000; // ms after an answer before the state it speaks of is asked for

type Message = Readonly<Record<string, unknown>>;

export class IncomingMessages {
  readonly #host: Host;
  readonly #kernelState: KernelState;
  readonly #sendQueue: SendQueue;
  readonly #regions: CountRequests;
  readonly #memberships: ResponsibilityRequests;
  readonly #readers: Readonly<Record<string, (value: unknown) => void>>;
  #trace = "";
  readonly #points: PointReception;
  readonly #missing: { start(): void; stop(): void };
  #scheduled = false;
  #ended = false;

  constructor(
    end: AbortSignal,
    host: Host,
    kernelState: KernelState,
    sendQueue: SendQueue,
    regions: CountRequests,
    memberships: ResponsibilityRequests,
  ) {
    this.#host = host;
    this.#kernelState = kernelState;
    this.#sendQueue = sendQueue;
    this.#regions = regions;
    this.#memberships = memberships;
    this.#readers = {
      _view: (value) => this.#setView(value),
      _preview: (value) => this.#setPreview(value),
      covariance_type: (value) => {
        const view = kernelState.view.peek();
        if (view) kernelState.structure.value = structureNamed(view, value);
      },
      _trace: (value) => {
        // Some hosts announce traits that have not changed: the steps of a run must stay then.
        const raw = JSON.stringify(value);
        if (raw === this.#trace) return;
        this.#trace = raw;
        kernelState.trace.value = parseTrace(value);
        kernelState.tail.value = [];
      },
      _survey: (value) => {
        kernelState.survey.value = parseRestartSurvey(value);
      },
      running: (value) => {
        kernelState.running.value = value === true;
      },
      height: (value) => {
        if (typeof value === "number" && value > 0) kernelState.height.value = value;
      },
    };
    const again = () => this.#greet(kernelState.view.peek()?.dataRev);
    this.#points = new PointReception(end, kernelState, sendQueue, again);
    this.#missing = timer(end, MISSING, again);
    this.#subscribe(end);
    onEnd(end, () => {
      this.#ended = true;
    });
    for (const name of Object.keys(this.#readers)) this.#read(name);
    this.#readKernel();
    watch(end, () => this.#greet(kernelState.view.value?.dataRev));
  }

  #subscribe(end: AbortSignal): void {
    const on = (name: string, callback: (...args: never[]) => void) => {
      this.#host.on(name, callback);
      onEnd(end, () => this.#host.off(name, callback));
    };
    for (const name of Object.keys(this.#readers)) on(`change:${name}`, () => this.#read(name));
    on("change:mixture", () => this.#readKernelSoon());
    on("change:_fit", () => this.#readKernelSoon());
    on("comm_live_update", () => this.#changed());
    onEnd(
      end,
      onDeath(this.#host, () => this.#lost()),
    );
    on("msg:custom", (content: unknown, buffers: unknown) => this.#receive(content, buffers));
  }

  /** The host's connection was lost or restored: an answer shows that it is alive. */
  #changed(): void {
    if (this.#kernelState.silence.peek() === "gone")
      this.#greet(this.#kernelState.view.peek()?.dataRev);
    else this.#lost();
  }

  /** The kernel is gone, and with it any run; a kernel that never answered is not reported. */
  #lost(): void {
    const { silence, running, tail } = this.#kernelState;
    if (!this.#sendQueue.answered) return;
    silence.value = "gone";
    running.value = false;
    tail.value = [];
  }

  /** Apply in one batch; returns false, with a notice, where a value does not parse. */
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
    this.#kernelState.problem.value = { level: "error", text };
  }

  #read(name: string): void {
    const value = this.#host.get(name);
    if (!isEmpty(value) || typeof value === "boolean" || typeof value === "number") {
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
    const fit = this.#host.get("_fit");
    if (!isEmpty(mixture) && !isEmpty(fit)) this.#guarded(() => void this.#accept(mixture, fit));
  }

  /** Show a state, unless a later one is on show already. */
  #accept(rawMixture: unknown, rawFit: unknown): boolean {
    const mixture = parseMixture(rawMixture);
    const fit = parseFit(rawFit, mixture.weights.length);
    if (fit.rev < this.#revision()) return false;
    this.#kernelState.kernel.value = { mixture, fit };
    this.#missing.stop();
    const done = fit.acks[this.#sendQueue.client] ?? 0;
    this.#answered((seq) => seq <= done);
    return true;
  }

  #revision(): number {
    return this.#kernelState.kernel.peek()?.fit.rev ?? 0;
  }

  #answered(answered: (seq: number) => boolean): void {
    const { ids, pendingEdits } = this.#kernelState;
    this.#sendQueue.acknowledge(answered);
    pendingEdits.value = released(pendingEdits.peek(), answered, ids.peek());
  }

  #receive(content: unknown, buffers: unknown): void {
    if (typeof content !== "object" || content === null) return;
    const message = content as Message;
    if (this.#kernelState.silence.peek() === "gone") this.#kernelState.silence.value = "no";
    const buffer = Array.isArray(buffers) ? buffers[0] : undefined;
    const { kind } = message;
    if (kind === "memberships") this.#receiveMemberships(message, buffer);
    else if (kind === "grid") this.#receiveGrid(message, buffer);
    else {
      this.#guarded(() => {
        if (kind === "state") this.#receiveState(message);
        else if (kind === "ack") this.#receiveAck(message);
        else if (kind === "resend" && this.#mine(message)) this.#sendQueue.resend();
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
    return client === this.#sendQueue.client;
  }

  /** Grids are unpacked in the background; other views' are theirs. */
  #receiveGrid(message: Message, buffer: unknown): void {
    if (!this.#mine(message)) return;
    this.#regions.receive(message, buffer).catch((error) => this.#report(error));
  }

  #receiveSelection(message: Message): void {
    const { grid } = this.#kernelState;
    grid.value = withSelection(grid.peek(), message);
  }

  #receiveMemberships(message: Message, buffer: unknown): void {
    if (!this.#mine(message)) return;
    const good = this.#guarded(() => this.#memberships.receive(message, buffer));
    if (!good) this.#memberships.refused();
  }

  #receiveState(message: Message): void {
    const { kernel, running, tail } = this.#kernelState;
    const before = kernel.peek()?.fit.steps;
    if (!this.#accept(message.mixture, message.fit)) return;
    const { logLikelihood, steps } = kernel.peek()!.fit;
    const isRunning = message.running === true;
    if ((isRunning || running.peek()) && logLikelihood !== null && steps !== before) {
      tail.value = longer(tail.peek(), logLikelihood);
    }
    running.value = isRunning;
  }

  #receiveAck(message: Message): void {
    const { seq } = message;
    if (!this.#mine(message) || typeof seq !== "number") return;
    const { problem } = this.#kernelState;
    const exactly = (sent: number) => sent === seq;
    const refused = parseCodedText(message.error);
    if (refused) {
      problem.value = noticeOf("error", [refused]);
      if (this.#memberships.waits(seq)) this.#memberships.refused();
      // Answers to greetings, receipts and questions leave the notice as it is.
    } else if (seq === this.#sendQueue.act) problem.value = null;
    const rev = typeof message.rev === "number" ? message.rev : 0;
    // The state that an accepted edit led to may still be on its way.
    if (refused || rev <= this.#revision()) this.#answered(exactly);
    else {
      this.#sendQueue.acknowledge(exactly);
      this.#missing.start();
    }
  }

  #setView(value: unknown): void {
    const { view, complete, overview } = this.#kernelState;
    const next = parseView(value);
    const old = view.peek();
    if (JSON.stringify(old) === JSON.stringify(next)) return;
    view.value = next;
    if (!old) this.#read("covariance_type");
    if (old?.dataRev === next.dataRev) return;
    this.#points.reset();
    complete.value = false;
    overview.value = null;
    this.#setPreview(this.#host.get("_preview"));
  }

  #setPreview(value: unknown): void {
    const { complete, cloud, overview, view } = this.#kernelState;
    if (complete.peek() || isEmpty(value) || isStripped(value)) return;
    cloud.value = previewPoints(parsePreview(value));
    if (view.peek()?.travels === "counts") overview.value = cloud.peek();
  }

  #greet(rev: number | undefined): void {
    if (rev === undefined) return;
    const held = this.#kernelState.complete.peek() ? rev : -1;
    this.#sendQueue.now({ kind: "hello", data_rev: held, rev: this.#revision() });
    this.#points.expect();
  }
}
