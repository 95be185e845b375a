/*
 * Counts of the data in the plane shown: those below the density level that
 * leaves a given share of the mixture's mass outside, and those inside a lasso
 * or box.
 */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import { countInside, type Polygon } from "../maths/geometry/polygon.ts";
import { AFFORDABLE, countBelow } from "../maths/likelihood.ts";
import { condensed } from "../maths/points.ts";
import { densityQuantiles } from "../maths/sampling.ts";
import type { KernelState } from "./kernel-state.ts";

export interface Outlying {
  /** Rows of the data below the level, and all of them. */
  readonly count: number;
  readonly total: number;
  /** Counted on cells and not on the points themselves. */
  readonly about: boolean;
  /** There are columns that the plane does not show. */
  readonly marginal: boolean;
}

const EXACT = 100_000; // rows up to which every one is looked at

/** The count for a share of the mixture's mass; null while it is not asked for. */
export function createOutlying(
  kernelState: KernelState,
  share: ReadonlySignal<number | null>,
): ReadonlySignal<Outlying | null> {
  const rows = computed(() => {
    const cloud = kernelState.overview.value ?? kernelState.cloud.value;
    const most = AFFORDABLE / Math.max(1, kernelState.ids.value.length);
    return share.value !== null && cloud ? condensed(cloud, most) : null;
  });
  return computed(() => {
    const [plane, asked, cloud] = [kernelState.plane.value, share.value, rows.value];
    const quantiles = plane && asked !== null ? densityQuantiles(plane) : null;
    if (!plane || !quantiles || !cloud || asked === null) return null;
    const [count, total] = countBelow(plane, cloud, quantiles.level(asked));
    const about = cloud.weight !== null;
    return { count, total, about, marginal: (kernelState.view.value?.d ?? 2) > 2 };
  });
}

export type Enclosed = Pick<Outlying, "count" | "total" | "about">;

/** How many of the data a line encloses; null while there is none. */
export function createEnclosed(
  { overview, cloud }: KernelState,
  line: ReadonlySignal<Polygon | null>,
): ReadonlySignal<Enclosed | null> {
  const rows = computed(() => {
    const all = overview.value ?? cloud.value;
    return line.value !== null && all ? condensed(all, EXACT) : null;
  });
  return computed(() => {
    if (!line.value || !rows.value) return null;
    const [count, total] = countInside(rows.value, line.value);
    return { count, total, about: rows.value.weight !== null };
  });
}
