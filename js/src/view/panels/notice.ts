/*
 * The notice over the plot: errors, refused edits, and a kernel that does not
 * answer, with buttons that help where there are some.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { attrs, h, setText } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import { REGULARISATION } from "../../messages/commands.ts";
import type { Fit } from "../../messages/messages.ts";
import type { Notice } from "../../messages/notices.ts";
import type { Send } from "../../messages/send.ts";
import { icon } from "./icons.ts";

export interface NoticeProps {
  /** Something that was refused or could not be shown. */
  readonly problem: ReadonlySignal<Notice | null>;
  /** The kernel has not answered for a while. */
  readonly silence: ReadonlySignal<"no" | "busy" | "absent" | "gone">;
  /** The kernel's notice about the fit. */
  readonly fromKernel: ReadonlySignal<Notice | null>;
  readonly fit: ReadonlySignal<Fit | null>;
  readonly command: Send;
}

const SILENCE: Record<"no" | "busy" | "absent" | "gone", Notice | null> = {
  no: null,
  busy: { level: "info", text: "Kernel busy: your edits are kept and will be applied" },
  absent: {
    level: "info",
    text: "No kernel has answered yet: edits are kept and will be applied when one does",
  },
  gone: {
    level: "warning",
    text: "The kernel is gone: edits stay in this view only; run the cell again to continue",
  },
};

/** The notice; hidden while there is none. */
export function createNotice(end: AbortSignal, props: NoticeProps): HTMLElement {
  const closed = signal<string | null>(null);
  const shown = computed(() => {
    const silence = SILENCE[props.silence.value];
    const gone = props.silence.value === "gone" && silence;
    const notice = gone || (props.problem.value ?? silence ?? props.fromKernel.value);
    return notice && notice.text !== closed.value ? notice : null;
  });
  const text = h("span", { class: "gmm-notice-text" });
  const close = h("button", { class: "gmm-close", "aria-label": "Dismiss" }, icon("close"));
  const remedy = (name: string, act: () => void) => {
    const button = h("button", { class: "gmm-button" }, name);
    listen(end, button, "click", act);
    return button;
  };
  const regularise = () => props.command("tune", { regularisation: REGULARISATION });
  const on = remedy("Turn regularisation on", regularise);
  const undo = remedy("Undo last edit", () => props.command("undo"));
  const root = h("div", { class: "gmm-notice", "aria-live": "polite" }, text, on, undo, close);
  listen(end, close, "click", () => {
    closed.value = shown.peek()?.text ?? null;
  });
  watch(end, () => {
    const notice = shown.value;
    if (!props.problem.value && !SILENCE[props.silence.value] && !props.fromKernel.value)
      closed.value = null;
    setText(text, notice?.text ?? "");
    attrs(root, { "data-gmm-level": notice?.level });
    root.classList.toggle("gmm-open", notice !== null);
    close.hidden = notice === null;
    const collapsed = notice?.code === "collapsed";
    on.hidden = !collapsed || props.fit.value?.regularisation !== 0;
    undo.hidden = !collapsed || !props.fit.value?.canUndo;
  });
  return root;
}
