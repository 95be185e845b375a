/*
 * Messages to the kernel: in order, exactly once, and no faster than it answers.
 *
 * Edits carry absolute values, so only the latest of a gesture matters: one
 * is in flight, and while it waits newer ones replace each other. The last
 * edit of a gesture does not wait. Commands keep their place in the queue and
 * are never dropped. A connection can lose messages while it looks alive, so
 * what is not answered is sent again under its number, which the kernel knows.
 */
import type { Outgoing } from "../messages/send.ts";

export type Edit = Extract<Outgoing, { readonly kind: "edit" }>;

/** A message that was sent; `line` is its place among those that are done in order. */
interface Sent {
  readonly message: Outgoing;
  readonly seq: number;
  readonly line: number | null;
  readonly since: number;
}

/** The sender of a message, its number, and its place among those done in order. */
interface Numbers {
  readonly client: string;
  readonly seq: number;
  readonly line?: number;
  readonly oldest?: number;
}
type Post = (message: Outgoing & Numbers) => void;

const SOON = 100; // ms in which the kernel's requests to send again count as one

export function isEdit(message: Outgoing): message is Edit {
  return message.kind === "edit";
}

export class SendQueue {
  readonly client: string;
  /** The number of the last edit or command. */
  act = 0;
  readonly #post: Post;
  #queue: Outgoing[] = [];
  #edit = 0; // seq of the edit in flight, 0 when there is none
  #seq = 0;
  #line = 0;
  #answered = false;
  #unanswered: Sent[] = [];
  #resent = -Infinity;

  constructor(client: string, post: Post) {
    this.client = client;
    this.#post = post;
  }

  /** Called with each new message and its seq as it leaves. */
  onSent: (message: Outgoing, seq: number) => void = () => undefined;
  /** Called when the kernel has answered something new. */
  onAnswered: () => void = () => undefined;

  /** The kernel has answered at least once. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Milliseconds that the oldest unanswered message, receipts apart, has waited. */
  waited(now: number): number {
    const oldest = this.#unanswered[0];
    return oldest ? now - oldest.since : 0;
  }

  /** Send as soon as order allows. */
  push(message: Outgoing): void {
    const last = this.#queue[this.#queue.length - 1];
    const replaces = last && isEdit(last) && isEdit(message) && last.gesture === message.gesture;
    if (replaces) this.#queue.pop();
    this.#queue.push(message);
    this.#flush();
  }

  /** Send at once, outside the queue: greetings, receipts and questions; the number it got. */
  now(message: Outgoing): number {
    // A later question of a kind replaces the earlier ones: only it would be sent again.
    const later = ({ line, message: { kind } }: Sent) => line === null && kind === message.kind;
    this.#unanswered = this.#unanswered.filter((sent) => !later(sent));
    this.#send(message, null);
    return this.#seq;
  }

  /** The kernel answered these: one of them by number, or all up to a number. */
  acknowledge(answered: (seq: number) => boolean): void {
    const waiting = this.#unanswered.filter(({ seq }) => !answered(seq));
    this.#answered ||= waiting.length < this.#unanswered.length;
    this.#unanswered = waiting;
    if (answered(this.#edit)) this.#edit = 0;
    this.onAnswered();
    this.#flush();
  }

  /** Send again, in order, what has no answer. */
  resend(now = performance.now()): void {
    if (now - this.#resent < SOON) return;
    this.#resent = now;
    for (const sent of this.#unanswered) this.#transmit(sent);
  }

  #flush(): void {
    while (this.#queue.length > 0) {
      const next = this.#queue[0]!;
      if (isEdit(next) && this.#edit !== 0 && !next.final) return;
      this.#queue.shift();
      this.#line += 1;
      this.#send(next, this.#line);
      this.act = this.#seq;
      if (isEdit(next)) this.#edit = this.#seq;
    }
  }

  #send(message: Outgoing, line: number | null): void {
    this.#seq += 1;
    const sent = { message, seq: this.#seq, line, since: performance.now() };
    if (message.kind !== "data_ack") this.#unanswered.push(sent);
    this.onSent(message, sent.seq);
    this.#transmit(sent);
  }

  #transmit({ message, seq, line }: Sent): void {
    const content = { ...message, client: this.client, seq };
    if (line === null) this.#post(content);
    else {
      const oldest = this.#unanswered.find((sent) => sent.line !== null)?.line ?? line;
      this.#post({ ...content, line, oldest });
    }
  }
}
