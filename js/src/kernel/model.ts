/*
 * The host's model as one view sees it: facts to read, edits and commands
 * to send.
 *
 * Every view is a client of its own. What a hand does is on the screen at
 * once and goes to the kernel as fast as that listens, before anything is
 * drawn; the kernel's answer replaces it when it has come.
 */
import { batch, type ReadonlySignal, type Signal } from "@preact/signals-core";
import { timer } from "../base/lifetime.ts";
import type { Viewport } from "../maths/geometry/viewport.ts";
import type { Mixture, Patch } from "../maths/mixture.ts";
import { attempt, type Host } from "../messages/host.ts";
import { createFacts, type Facts } from "../state/kernel-state.ts";
import { createFigures, createGhost, createRows, type Figures } from "../state/live-figures.ts";
import { grasp, sealed } from "../state/pending-edits.ts";
import { Inbox } from "./incoming.ts";
import { isEdit, Outbox, type Outgoing } from "./outgoing.ts";
import { Memberships } from "./responsibility-requests.ts";
import { Regions } from "./visible-counts.ts";

export const PATIENCE = 3000; // ms before a silent kernel is mentioned
export const RESEND = 2000; // ms without an answer before messages are sent again, at first
const RESEND_MOST = 10_000; // and at last: a kernel that is merely busy answers in the end

const GRIP = 200; // ms between two words of a hand that rests

export interface Model {
  readonly client: string;
  readonly facts: Facts;
  readonly figures: ReadonlySignal<Figures>;
  /** The mixture one EM step on, in the plane, while a hand holds a component. */
  readonly ghost: ReadonlySignal<Mixture | null>;
  /** A number for a new gesture. */
  gesture(): number;
  /** Place a component by hand: drawn at once, told to the kernel when it listens. */
  edit(gesture: number, component: number, patch: Patch, final: boolean): void;
  /** Keep the data to what is visible, where they are too many to be held. */
  follow(visible: ReadonlySignal<Viewport | null>): void;
  /** Keep the memberships of single points up to date while they are wanted and not refused. */
  tint(wanted: Signal<boolean>): void;
  /** Have the kernel climb from so many starts; from none: no longer. */
  search(starts: number): void;
  /** Ask the kernel for an act. */
  command(name: string, args?: Readonly<Record<string, unknown>>): void;
}

/** Connect a view to its host until `end`. */
export function createModel(end: AbortSignal, host: Host): Model {
  const client = Math.random().toString(36).slice(2, 12);
  const facts = createFacts();
  const report = (reason: string) => {
    if (facts.silence.peek() === "gone") return; // which is said already
    facts.problem.value = { level: "error", text: `The page could not pass it on: ${reason}` };
  };
  const send = (message: unknown) => attempt(() => host.send(message), report);
  const outbox = new Outbox(client, send);
  watchAnswers(end, facts, outbox);
  const rows = createRows(facts);
  const figures = createFigures(end, facts, rows);
  const ghost = createGhost(facts, rows);
  const regions = new Regions(end, facts, outbox);
  const memberships = new Memberships(end, facts, outbox);
  new Inbox(end, host, facts, outbox, regions, memberships);
  let gestures = 0;

  const told = () => attempt(() => tellHost(host), report);
  return {
    client,
    facts,
    figures,
    ghost,
    edit: createEdit(end, facts, outbox, told),
    gesture: () => ++gestures,
    follow: (visible) => regions.follow(visible),
    tint: (wanted) => memberships.follow(end, wanted),
    search: (starts) => outbox.push({ kind: "search", starts }),
    command: (name, args = {}) => outbox.push({ kind: "command", name, args }),
  };
}

/**
 * Edits: drawn at once, sent in turn; `told` is called once a gesture has
 * ended. A hand that rests in mid-run says again that it holds, since the
 * kernel takes one that is silent to be gone.
 */
function createEdit(
  end: AbortSignal,
  { kernel, view, hands, running }: Facts,
  outbox: Outbox,
  told: () => void,
): Model["edit"] {
  let last: Outgoing | null = null;
  const again = timer(end, GRIP, () => {
    if (!last) return;
    if (running.peek()) outbox.push(last);
    again.start();
  });
  return (gesture, component, patch, final) => {
    const dims = view.peek()?.dims;
    if (!dims || !kernel.peek()?.fit.ids.includes(component)) return;
    const message = { kind: "edit", gesture, final, component, dims, ...patch };
    batch(() => {
      hands.value = grasp(hands.peek(), component, gesture, dims, patch);
      outbox.push(message);
      if (final) told();
    });
    last = final ? null : message;
    if (final) again.stop();
    else again.start();
  };
}

/** Note when final edits leave, and when the kernel does not answer; then send again. */
function watchAnswers(end: AbortSignal, { hands, silence }: Facts, outbox: Outbox): void {
  const look = () => {
    if (silence.peek() === "gone") return;
    const waited = outbox.waited(performance.now());
    const silent = waited >= PATIENCE;
    silence.value = silent ? (outbox.answered ? "busy" : "absent") : "no";
    if (waited > 0 && !silent) check.start(PATIENCE - waited);
  };
  const check = timer(end, PATIENCE, look);
  let delay = RESEND;
  const retry = timer(end, RESEND, () => {
    if (silence.peek() === "gone" || outbox.waited(performance.now()) === 0) return;
    outbox.resend();
    delay = Math.min(2 * delay, RESEND_MOST);
    retry.start(delay);
  });
  outbox.onAnswered = () => {
    look();
    delay = RESEND;
    if (outbox.waited(performance.now()) > 0) retry.start(delay);
    else retry.stop();
  };
  outbox.onSent = (message, seq) => {
    if (isEdit(message) && message.final) {
      hands.value = sealed(hands.peek(), message.component, message.gesture, seq);
    }
    if (!check.pending()) check.start();
    if (!retry.pending()) retry.start(delay);
  };
}

/** One ordinary trait write per release: some hosts react to nothing else. */
function tellHost(host: Host): unknown {
  const count = Number(host.get("released") ?? 0);
  host.set("released", (Number.isFinite(count) ? count : 0) + 1);
  return host.save_changes();
}
