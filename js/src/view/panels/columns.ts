/*
 * The choice of the two columns shown, where the data have more.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import { h } from "../../base/dom.ts";
import { listen, watch } from "../../base/lifetime.ts";
import { needing } from "../../base/needs.ts";
import type { Dims } from "../../maths/mixture.ts";
import type { View } from "../../messages/messages.ts";
import { boxed } from "./icons.ts";

export interface ColumnsProps {
  readonly view: ReadonlySignal<View | null>;
  /** Read the signals upon which the fields are reset to the columns shown. */
  again(): void;
  /** Show other columns. */
  turn(dims: Dims): void;
}

const SIDES = ["Horizontal column", "Vertical column"] as const;

/** Two fields; hidden where there are only two columns. */
export function createColumns(end: AbortSignal, { view, again, turn }: ColumnsProps): HTMLElement {
  const selects = SIDES.map((name) =>
    h("select", { class: "gmm-select", "aria-label": name, "data-gmm-tip": name }),
  );
  selects.forEach((select, side) => {
    listen(end, select, "change", () => {
      const dims = selects.map((each) => Number(each.value)) as [number, number];
      // Choosing the other field's column swaps the two.
      if (dims[0] === dims[1]) dims[1 - side] = view.peek()!.dims[side]!;
      turn(dims);
    });
  });
  const boxes = selects.map((each) => boxed(each));
  const root = h("div", { class: "gmm-group", role: "group", "aria-label": "Columns" });
  root.append(boxes[0]!, h("span", { class: "gmm-field-name" }, "by"), boxes[1]!);
  let named = "";
  watch(end, () => {
    again(); // resets a choice that was refused
    const { columns, dims, d } = view.value ?? { columns: [], dims: [0, 1], d: 0 };
    root.hidden = d <= 2;
    const options = () => columns.map((name, i) => h("option", { value: i }, name));
    if (named !== JSON.stringify(columns))
      for (const each of selects) each.replaceChildren(...options());
    named = JSON.stringify(columns);
    selects.forEach((each, side) => {
      each.value = String(dims[side]);
    });
  });
  return needing("kernel", root);
}
