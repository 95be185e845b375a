/*
 * The connection of one view to the kernel: signals to read, edits and commands
 * to send.
 *
 * Every view is a client of its own. An edit is drawn at once and sent as fast
 * as the kernel answers, before anything is drawn; the kernel's state replaces
 * it when it has come.
 */
import { batch, type ReadonlySignal, type Signal } from "@preact/signals-core";
import { onEnd, timer } from "../base/lifetime.ts";
import type { Viewport } from "../maths/geometry/viewport.ts";
import type { Mixture, Patch } from "../maths/mixture.ts";
import { attempt, type Host } from "../messages/host.ts";
import type { Outgoing, Send } from "../messages/send.ts";
import { createKernelState, type KernelState } from "../state/kernel-state.ts";
import { createFigures, createNextStep, createRows, type Figures } from "../state/live-figures.ts";
import { finished, withEdit } from "../state/pending-edits.ts";
import { IncomingMessages } from "./incoming.ts";
import { isEdit, SendQueue } from "./outgoing.ts";
import { ResponsibilityRequests } from "./responsibility-requests.ts";
import { CountRequests } from "./visible-counts.ts";

export const PATIENCE = 3000; // ms before a silent kernel is mentioned
export const RESEND = 2000; // ms without an answer before messages are sent again, at first
const RESEND_MOST = 10_000; // and at last: a kernel that is merely busy answers in the end

const HOLD_PACE = 200; // ms between two messages of a pointer that holds a component still

export interface Model {
  readonly client: string;
  readonly kernelState: KernelState;
  readonly figures: ReadonlySignal<Figures>;
  /** The mixture one EM step on, in the plane, while a component is dragged. */
  readonly nextStep: ReadonlySignal<Mixture | null>;
  /** A number for a new gesture. */
  gesture(): number;
  /** Place a component: drawn at once, sent when the kernel has answered the last edit. */
  edit(gesture: number, component: number, patch: Patch, final: boolean): void;
  /** Load only the visible data, where all of them are too many. */
  follow(visible: ReadonlySignal<Viewport | null>): void;
  /** Keep the responsibilities of single points up to date while `wanted`. */
  tint(wanted: Signal<boolean>): void;
  /** Start a search from so many starts; 0 cancels it. */
  search(starts: number): void;
  /** Send a command. */
  readonly command: Send;
}

/** Connect a view to its host until `end`. */
export function createModel(end: AbortSignal, host: Host): Model {
  const client = Math.random().toString(36).slice(2, 12);
  const kernelState = createKernelState();
  const report = (reason: string) => {
    if (kernelState.silence.peek() === "gone") return; // a notice says so already
    kernelState.problem.value = {
      level: "error",
      text: `The page could not pass it on: ${reason}`,
    };
  };
  const send = (message: unknown) => attempt(() => host.send(message), report);
  const sendQueue = new SendQueue(client, send);
  // The kernel lets a widget go that is shown nowhere and that nothing refers to.
  onEnd(end, () => send({ kind: "goodbye", client, seq: 0 }));
  watchAnswers(end, kernelState, sendQueue);
  const rows = createRows(kernelState);
  const figures = createFigures(end, kernelState, rows);
  const nextStep = createNextStep(kernelState, rows);
  const regions = new CountRequests(end, kernelState, sendQueue);
  const memberships = new ResponsibilityRequests(end, kernelState, sendQueue);
  new IncomingMessages(end, host, kernelState, sendQueue, regions, memberships);
  let gestures = 0;

  const told = () => attempt(() => notifyHost(host), report);
  return {
    client,
    kernelState,
    figures,
    nextStep,
    edit: createEdit(end, kernelState, sendQueue, told),
    gesture: () => ++gestures,
    follow: (visible) => regions.follow(visible),
    tint: (wanted) => memberships.follow(end, wanted),
    search: (starts) => sendQueue.push({ kind: "search", starts }),
    command: (name, ...[args]) => sendQueue.push({ kind: "command", name, args: args ?? {} }),
  };
}

/**
 * Edits: drawn at once, sent in turn; `told` is called once a gesture has
 * ended. While a component is held still during a run its edit is repeated,
 * since the kernel ends a gesture of which it hears nothing.
 */
function createEdit(
  end: AbortSignal,
  { kernel, view, pendingEdits, running }: KernelState,
  sendQueue: SendQueue,
  told: () => void,
): Model["edit"] {
  let last: Outgoing | null = null;
  const again = timer(end, HOLD_PACE, () => {
    if (!last) return;
    if (running.peek()) sendQueue.push(last);
    again.start();
  });
  return (gesture, component, patch, final) => {
    const dims = view.peek()?.dims;
    if (!dims || !kernel.peek()?.fit.ids.includes(component)) return;
    const message: Outgoing = { kind: "edit", gesture, final, component, dims, ...patch };
    batch(() => {
      pendingEdits.value = withEdit(pendingEdits.peek(), component, gesture, dims, patch);
      sendQueue.push(message);
      if (final) told();
    });
    last = final ? null : message;
    if (final) again.stop();
    else again.start();
  };
}

/** Note when final edits leave, and when the kernel does not answer; then send again. */
function watchAnswers(
  end: AbortSignal,
  { pendingEdits, silence }: KernelState,
  sendQueue: SendQueue,
): void {
  const look = () => {
    if (silence.peek() === "gone") return;
    const waited = sendQueue.waited(performance.now());
    const silent = waited >= PATIENCE;
    silence.value = silent ? (sendQueue.answered ? "busy" : "absent") : "no";
    if (waited > 0 && !silent) check.start(PATIENCE - waited);
  };
  const check = timer(end, PATIENCE, look);
  let delay = RESEND;
  const retry = timer(end, RESEND, () => {
    if (silence.peek() === "gone" || sendQueue.waited(performance.now()) === 0) return;
    sendQueue.resend();
    delay = Math.min(2 * delay, RESEND_MOST);
    retry.start(delay);
  });
  sendQueue.onAnswered = () => {
    look();
    delay = RESEND;
    if (sendQueue.waited(performance.now()) > 0) retry.start(delay);
    else retry.stop();
  };
  sendQueue.onSent = (message, seq) => {
    if (isEdit(message) && message.final) {
      pendingEdits.value = finished(pendingEdits.peek(), message.component, message.gesture, seq);
    }
    if (!check.pending()) check.start();
    if (!retry.pending()) retry.start(delay);
  };
}

/** One ordinary trait write per release: some hosts react to nothing else. */
function notifyHost(host: Host): unknown {
  const count = Number(host.get("_released") ?? 0);
  host.set("_released", (Number.isFinite(count) ? count : 0) + 1);
  return host.save_changes();
}
