/*
 * Numbers are shown with a minus sign, which neither Python nor a spreadsheet
 * reads: what is copied has hyphens in its place.
 */
import { withHyphens } from "../base/format.ts";
import { listen } from "../base/lifetime.ts";

/** The selected text: of the field that has the focus, or of the page. */
function selectedText(target: EventTarget | null): string {
  if (!(target instanceof HTMLInputElement)) return document.getSelection()?.toString() ?? "";
  return target.value.slice(target.selectionStart ?? 0, target.selectionEnd ?? 0);
}

/** Put text that is copied within `root` on the clipboard in a form that code can read. */
export function copyReadably(end: AbortSignal, root: HTMLElement): void {
  listen<ClipboardEvent>(end, root, "copy", (event) => {
    const text = selectedText(event.target);
    const readable = withHyphens(text);
    if (readable === text) return;
    event.clipboardData?.setData("text/plain", readable);
    event.preventDefault();
  });
}
