/*
 * What the view says to the kernel, in order, and no faster than it listens.
 *
 * Edits carry absolute values, so only the latest of a gesture matters: one
 * is in flight, and while it waits newer ones replace each other. The last of
 * a gesture waits for nothing: somebody waits for it. Commands keep their
 * place in line and are never dropped. Nothing is sent twice.
 */
export interface Outgoing {
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface Edit extends Outgoing {
  readonly kind: "edit";
  readonly gesture: number;
  readonly final: boolean;
  readonly component: number;
}

type Post = (message: Outgoing & { client: string; seq: number; base_rev: number }) => void;

export function isEdit(message: Outgoing): message is Edit {
  return message.kind === "edit";
}

export class Outbox {
  readonly client: string;
  /** The number of the last message that went in line: an edit or a command. */
  act = 0;
  readonly #post: Post;
  readonly #revision: () => number;
  #queue: Outgoing[] = [];
  #edit = 0; // seq of the edit in flight, 0 when there is none
  #seq = 0;
  #answered = false;
  #waiting: { seq: number; since: number }[] = [];

  constructor(client: string, revision: () => number, post: Post) {
    this.client = client;
    this.#revision = revision;
    this.#post = post;
  }

  /** Called with each message and its seq as it leaves. */
  onSent: (message: Outgoing, seq: number) => void = () => undefined;
  /** Called when the kernel has answered something new. */
  onAnswered: () => void = () => undefined;

  /** The kernel has answered at least once. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Milliseconds that the oldest unanswered message, receipts apart, has waited. */
  waited(now: number): number {
    const oldest = this.#waiting[0];
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

  /** Send at once, outside the line: greetings, receipts and questions; the number it got. */
  now(message: Outgoing): number {
    this.#send(message);
    return this.#seq;
  }

  /** The kernel answered these: one of them by name, or all up to a number. */
  acknowledge(answered: (seq: number) => boolean): void {
    const waiting = this.#waiting.filter(({ seq }) => !answered(seq));
    this.#answered ||= waiting.length < this.#waiting.length;
    this.#waiting = waiting;
    if (answered(this.#edit)) this.#edit = 0;
    this.onAnswered();
    this.#flush();
  }

  #flush(): void {
    while (this.#queue.length > 0) {
      const next = this.#queue[0]!;
      if (isEdit(next) && this.#edit !== 0 && !next.final) return;
      this.#queue.shift();
      this.#send(next);
      this.act = this.#seq;
      if (isEdit(next)) this.#edit = this.#seq;
    }
  }

  #send(message: Outgoing): void {
    this.#seq += 1;
    const seq = this.#seq;
    if (message.kind !== "data_ack") this.#waiting.push({ seq, since: performance.now() });
    this.onSent(message, seq);
    this.#post({ ...message, client: this.client, seq, base_rev: this.#revision() });
  }
}
