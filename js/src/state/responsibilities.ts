/*
 * What colours single points by all columns: the two largest responsibilities of
 * each, as the kernel computes them.
 */

import { PALETTE } from "../base/palette.ts";
import { fail, fields, numbers, whole } from "../messages/checks.ts";
import { MAX_COMPONENTS } from "../messages/commands.ts";
import { bytes } from "../messages/messages.ts";

/**
 * Four bytes a row: the palette's colours of the strongest component and of
 * the next, the share of the first in their sum and the entropy in bits, in 255ths.
 */
export type PointResponsibilities = Uint8Array;

const MOST_ROWS = 2 ** 28;

/** The rows that a message tells of, from `start` on, with colours in place of components. */
export function parseResponsibilities(value: unknown, buffer: unknown) {
  const raw = fields(value, "memberships");
  const read = (name: string, most?: number) => whole(raw[name], `memberships.${name}`, most);
  const n = read("n", MOST_ROWS);
  const start = read("start", n);
  const count = read("count", n - start);
  const k = Math.min(MAX_COMPONENTS, (raw.ids as unknown[] | undefined)?.length ?? 0);
  const hues = numbers(raw.ids, k, "memberships.ids").map(
    (id) => whole(id, "memberships.ids") % PALETTE.length,
  );
  const pointResponsibilities = bytes(buffer, "memberships").slice();
  if (pointResponsibilities.length !== 4 * count) fail("memberships and their count disagree");
  for (let i = 0; i < pointResponsibilities.length; i += 4) {
    for (const at of [i, i + 1]) {
      pointResponsibilities[at] =
        hues[pointResponsibilities[at]!] ?? fail("memberships tell of a component too many");
    }
  }
  return {
    dataRev: read("data_rev"),
    rev: read("rev"),
    index: read("index"),
    n,
    start,
    pointResponsibilities,
  };
}
