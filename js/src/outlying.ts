/*
 * Which of the data lie where the mixture has little: counted in the plane on
 * show, below the level that leaves a share of the mixture's own mass outside.
 */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import { condensed } from "./cloud.ts";
import { ladderFor } from "./draws.ts";
import type { Facts } from "./facts.ts";
import { countBelow } from "./likelihood.ts";

export interface Outlying {
  /** Rows of the data below the level, and all of them. */
  readonly count: number;
  readonly total: number;
  /** Counted on cells and not on the points themselves. */
  readonly about: boolean;
  /** There are columns that the plane does not show. */
  readonly marginal: boolean;
}

const EXACT = 50_000; // rows up to which every one is looked at

/** The count for a share of the mixture's mass; null while it is not asked for. */
export function createOutlying(
  facts: Facts,
  share: ReadonlySignal<number | null>,
): ReadonlySignal<Outlying | null> {
  const rows = computed(() => {
    const cloud = facts.overview.value ?? facts.cloud.value;
    return share.value !== null && cloud ? condensed(cloud, EXACT) : null;
  });
  return computed(() => {
    const [plane, asked, cloud] = [facts.plane.value, share.value, rows.value];
    const ladder = plane && asked !== null ? ladderFor(plane) : null;
    if (!plane || !ladder || !cloud || asked === null) return null;
    const [count, total] = countBelow(plane, cloud, ladder.level(asked));
    const about = cloud.weight !== null;
    return { count, total, about, marginal: (facts.view.value?.d ?? 2) > 2 };
  });
}
