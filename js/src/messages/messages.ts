/*
 * The messages and traits between kernel and browser, and the check of each.
 *
 * Saved notebooks and kernels of other versions are not trusted: a parser
 * returns a clean value or throws a WireError that says what is wrong, and
 * nothing is shown unparsed.
 */

import type { Extent } from "../maths/geometry/viewport.ts";
import type { Matrix } from "../maths/matrix.ts";
import type { Dims, Locks, Mixture } from "../maths/mixture.ts";
import { type Structure, structureWith } from "../maths/structures.ts";
import {
  extent,
  type Fields,
  fail,
  fields,
  maybe,
  number,
  numbers,
  pair,
  text,
  whole,
} from "./checks.ts";
import { MAX_COMPONENTS } from "./commands.ts";
import { type Notice, parseNotice } from "./notices.ts";

export interface Fit {
  readonly rev: number;
  readonly ids: readonly number[];
  readonly locks: readonly Locks[];
  readonly logLikelihood: number | null;
  readonly bic: number | null;
  readonly nParameters: number;
  readonly steps: number;
  readonly converged: boolean;
  readonly gain: number | null;
  /** Steps a second of a run; null for as fast as it goes. */
  readonly speed: number | null;
  /** Softness of responsibilities: from 0, k-means, to 1, EM. */
  readonly softness: number;
  readonly regularisation: number | null;
  /** Concentration of the prior of the weights; null for maximum likelihood. */
  readonly concentration: number | null;
  /** The evidence lower bound, while there is a prior. */
  readonly elbo: number | null;
  /** Rows that each component is expected to have, while there is a prior. */
  readonly counts: readonly number[] | null;
  readonly phase: "rest" | "e" | "m";
  readonly painted: Mixture | null;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly notice: Notice | null;
  readonly acks: Readonly<Record<string, number>>;
}

export interface View {
  readonly dims: Dims;
  readonly columns: readonly string[];
  readonly dataRev: number;
  readonly n: number;
  readonly d: number;
  readonly origin: Dims;
  readonly scale: Dims;
  readonly extent: Extent;
  /** Points, or counts of them where they are too many. */
  readonly travels: "points" | "counts";
  /** The covariance structures that can be chosen. */
  readonly structures: readonly Structure[];
}

export interface Grid {
  readonly dataRev: number;
  readonly extent: Extent;
  /** Cells along x and along y. */
  readonly shape: Dims;
}

export interface Preview {
  readonly extent: Extent;
  readonly shape: Dims;
  readonly counts: Uint8Array;
  readonly max: number;
}

export interface Chunk {
  readonly dataRev: number;
  readonly index: number;
  readonly chunks: number;
  readonly start: number;
  readonly count: number;
  readonly n: number;
  readonly xy: Float32Array;
}

const MOST_POINTS = 2 ** 28;
const MOST_STRUCTURES = 64;
const MOST_NAME = 40; // characters
const SLACK = 1e-6; // relative rounding that a covariance may carry

/**
 * Fit for drawing in any pair of its columns. Collinear columns are allowed
 * their rounding: whether the whole matrix can be inverted is for the kernel to decide.
 */
function covariance(value: unknown, d: number, what: string): Matrix {
  if (!Array.isArray(value) || value.length !== d) fail(`${what} is not ${d} x ${d}`);
  const matrix = (value as unknown[]).map((row, i) => numbers(row, d, `${what}[${i}]`));
  matrix.forEach((row, i) => {
    if (!(row[i]! > 0)) fail(`${what} has no positive variance in column ${i}`);
    row.forEach((entry, j) => {
      const most = Math.sqrt(row[i]! * matrix[j]![j]!);
      if (!(Math.abs(entry) <= most * (1 + SLACK))) fail(`${what} is not positive definite`);
      if (Math.abs(entry - matrix[j]![i]!) > most * SLACK) fail(`${what} is not symmetric`);
    });
  });
  return matrix;
}

/** A mixture whose shapes agree, whose numbers are finite and whose covariances can be drawn. */
export function parseMixture(value: unknown): Mixture {
  const raw = fields(value, "mixture");
  const k = Array.isArray(raw.weights) ? raw.weights.length : 0;
  if (k < 1 || k > MAX_COMPONENTS) {
    fail(`mixture.weights does not hold 1 to ${MAX_COMPONENTS} numbers`);
  }
  const each = (name: "means" | "covariances") => {
    const rows = raw[name];
    if (!Array.isArray(rows) || rows.length !== k) fail(`mixture.${name} and weights disagree`);
    return rows as unknown[];
  };
  const means = each("means");
  const d = Array.isArray(means[0]) ? means[0].length : 0;
  if (d < 1) fail("mixture.means holds no columns");
  const shapes = each("covariances");
  const weights = numbers(raw.weights, k, "mixture.weights");
  const sum = weights.reduce((total, w) => total + w, 0);
  if (weights.some((w) => w < 0) || Math.abs(sum - 1) > 1e-3) {
    fail("mixture.weights do not sum to 1");
  }
  return {
    weights,
    means: means.map((row, i) => numbers(row, d, `mixture.means[${i}]`)),
    covariances: shapes.map((shape, i) => covariance(shape, d, `mixture.covariances[${i}]`)),
  };
}

function parseLocks(value: unknown): Locks {
  const { mean, covariance: shape, weight } = (value ?? {}) as Fields;
  return { mean: mean === true, covariance: shape === true, weight: weight === true };
}

function parseAcks(value: unknown): Record<string, number> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).filter((entry) => typeof entry[1] === "number");
  return Object.fromEntries(entries) as Record<string, number>;
}

/** The figures of a fit of `k` components. */
export function parseFit(value: unknown, k: number): Fit {
  const raw = fields(value, "fit");
  const ids = numbers(raw.ids, k, "fit.ids").map((id, i) => whole(id, `fit.ids[${i}]`, 1e6));
  if (new Set(ids).size !== k) fail("fit.ids repeat");
  const locks = Array.isArray(raw.locks) ? (raw.locks as unknown[]) : [];
  const painted = raw.painted ? parseMixture(raw.painted) : null;
  return {
    rev: whole(raw.rev, "fit.rev"),
    ids,
    locks: ids.map((_, i) => parseLocks(locks[i])),
    logLikelihood: maybe(raw.log_likelihood),
    bic: maybe(raw.bic),
    nParameters: maybe(raw.n_parameters) ?? 0,
    steps: maybe(raw.steps) ?? 0,
    converged: raw.converged === true,
    gain: maybe(raw.gain),
    speed: maybe(raw.speed),
    softness: Math.min(1, Math.max(0, maybe(raw.softness) ?? 1)),
    regularisation: maybe(raw.regularisation),
    concentration: maybe(raw.concentration),
    elbo: maybe(raw.elbo),
    counts: raw.counts ? numbers(raw.counts, k, "fit.counts") : null,
    phase: raw.phase === "e" || raw.phase === "m" ? raw.phase : "rest",
    painted: painted && painted.weights.length === k ? painted : null,
    canUndo: raw.can_undo === true,
    canRedo: raw.can_redo === true,
    notice: parseNotice(raw.notice),
    acks: parseAcks(raw.acks),
  };
}

function parseStructure(value: unknown): Structure {
  const raw = fields(value, "view.structures");
  const name = text(raw.name).slice(0, MOST_NAME);
  return structureWith({
    name,
    label: text(raw.label).slice(0, MOST_NAME) || name,
    shared: raw.shared === true,
    diagonal: raw.diagonal === true,
    isotropic: raw.isotropic === true,
    averages: raw.averages === true,
  });
}

/** The structure of that name among those of the view. */
export function structureNamed({ structures }: View, name: unknown): Structure {
  const found = structures.find((each) => each.name === name);
  return found ?? fail(`covariance_type ${JSON.stringify(name)} is none of the structures known`);
}

export function parseView(value: unknown): View {
  const raw = fields(value, "view");
  const d = whole(raw.d, "view.d", 1e6);
  const dims = pair(raw.dims, "view.dims");
  for (const dim of dims) whole(dim, "view.dims", d - 1);
  const columns = Array.isArray(raw.columns) ? (raw.columns as unknown[]) : [];
  const scale = pair(raw.scale, "view.scale");
  if (!(scale[0] > 0 && scale[1] > 0)) fail("view.scale is not positive");
  return {
    dims,
    columns: Array.from({ length: d }, (_, i) => text(columns[i]) || `column ${i}`),
    dataRev: whole(raw.data_rev, "view.data_rev"),
    n: whole(raw.n, "view.n", MOST_POINTS),
    d,
    origin: pair(raw.origin, "view.origin"),
    scale,
    extent: extent(raw.extent, "view.extent"),
    travels: raw.travels === "counts" ? "counts" : "points",
    structures: (Array.isArray(raw.structures) ? (raw.structures as unknown[]) : [])
      .slice(0, MOST_STRUCTURES)
      .map(parseStructure),
  };
}

/** The bytes of a binary field, whatever view of a buffer the host passes. */
export function bytes(value: unknown, what: string): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return fail(`${what} is not binary`);
}

export function parsePreview(value: unknown): Preview {
  const raw = fields(value, "preview");
  const shape = pair(raw.shape, "preview.shape");
  const counts = bytes(raw.counts, "preview.counts");
  if (counts.length !== shape[0] * shape[1]) fail("preview.counts and shape disagree");
  const max = number(raw.max, "preview.max");
  return { extent: extent(raw.extent, "preview.extent"), shape, counts, max };
}

export function parseGrid(value: unknown): Grid {
  const raw = fields(value, "grid");
  const shape = pair(raw.shape, "grid.shape");
  for (const side of shape) whole(side, "grid.shape", 4096);
  const dataRev = whole(raw.data_rev, "grid.data_rev");
  return { dataRev, extent: extent(raw.extent, "grid.extent"), shape };
}

/** One chunk of points with its buffer; the buffer's offset need not be aligned. */
export function parseChunk(value: unknown, buffer: unknown): Chunk {
  const raw = fields(value, "data");
  const n = whole(raw.n, "data.n", MOST_POINTS);
  const chunks = whole(raw.chunks, "data.chunks", 1e6);
  const start = whole(raw.start, "data.start", n);
  const count = whole(raw.count, "data.count", n - start);
  const source = bytes(buffer, "data buffer");
  if (source.byteLength !== count * 8) fail("data buffer and count disagree");
  const aligned = source.byteOffset % 4 === 0 ? source : source.slice();
  return {
    dataRev: whole(raw.data_rev, "data.data_rev"),
    index: whole(raw.index, "data.index", chunks - 1),
    chunks,
    start,
    count,
    n,
    xy: new Float32Array(aligned.buffer, aligned.byteOffset, count * 2),
  };
}
