/*
 * The Gaussian mixture in the browser: what is needed to draw it, to apply
 * edits at once and to show the log-likelihood during a drag.
 *
 * The kernel owns the figures that are reported; tests hold this file to the
 * kernel's results. All functions are pure, all values in the data's units.
 */
import type { Matrix, Vector } from "./matrix.ts";
import type { Structure } from "./structures.ts";

export type Dims = readonly [number, number];

/** Which parts of a component EM and edits must leave as they are. */
export interface Locks {
  readonly mean: boolean;
  readonly covariance: boolean;
  readonly weight: boolean;
}

export interface Mixture {
  readonly weights: Vector;
  readonly means: Matrix;
  readonly covariances: readonly Matrix[];
}

/** What an edit changes of one component: absolute values in the plane shown. */
export interface Patch {
  readonly mean?: Vector;
  readonly covariance?: Matrix;
  readonly weight?: number;
}

const LOG_2PI = Math.log(2 * Math.PI);

/** Lower Cholesky factor, or null where the matrix is not positive definite. */
export function cholesky(matrix: Matrix): number[][] | null {
  const n = matrix.length;
  const lower = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!;
      if (i === j && !(sum > 0)) return null;
      lower[i]![j] = i === j ? Math.sqrt(sum) : sum / lower[j]![j]!;
    }
  }
  return lower;
}

/** Whether the mixture has a density: with collinear columns it has none, though it can be drawn. */
export function hasDensity({ covariances }: Mixture): boolean {
  return covariances.every((covariance) => cholesky(covariance) !== null);
}

/** A function from a point to the K values log(weight) + log density. */
export function logJoint(mixture: Mixture): (x: Vector, out: Float64Array) => void {
  const factors = mixture.covariances.map((covariance, k) => {
    const lower = cholesky(covariance);
    if (!lower) throw new RangeError(`component ${k}: covariance is not positive definite`);
    const logdet = lower.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
    const constant = Math.log(mixture.weights[k]!) - logdet - 0.5 * lower.length * LOG_2PI;
    return { lower, constant, mean: mixture.means[k]! };
  });
  const z = new Float64Array(mixture.means[0]?.length ?? 0);
  return (x, out) => {
    for (let k = 0; k < factors.length; k++) {
      const { lower, constant, mean } = factors[k]!;
      let square = 0;
      for (let i = 0; i < z.length; i++) {
        let value = x[i]! - mean[i]!;
        for (let j = 0; j < i; j++) value -= lower[i]![j]! * z[j]!;
        z[i] = value / lower[i]![i]!;
        square += z[i]! * z[i]!;
      }
      out[k] = constant - 0.5 * square;
    }
  };
}

/** log(sum(exp(values))), safe against overflow. */
export function logSumExp(values: Float64Array): number {
  let top = -Infinity;
  for (const value of values) if (value > top) top = value;
  if (top === -Infinity) return top;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

/** Log density of the mixture at each point, in nats. */
export function logDensity(mixture: Mixture, points: Matrix): number[] {
  const joint = logJoint(mixture);
  const out = new Float64Array(mixture.weights.length);
  return points.map((x) => {
    joint(x, out);
    return logSumExp(out);
  });
}

/** Posterior probability of each component at each point: (N, K). */
export function responsibilities(mixture: Mixture, points: Matrix): number[][] {
  const joint = logJoint(mixture);
  const out = new Float64Array(mixture.weights.length);
  return points.map((x) => {
    joint(x, out);
    const total = logSumExp(out);
    return Array.from(out, (value) => Math.exp(value - total));
  });
}

/** The mixture of the chosen columns alone. */
export function marginal(mixture: Mixture, dims: Dims): Mixture {
  if (mixture.means[0]?.length === 2 && dims[0] < dims[1]) return mixture;
  return {
    weights: mixture.weights,
    means: mixture.means.map((mean) => dims.map((i) => mean[i]!)),
    covariances: mixture.covariances.map((c) => dims.map((i) => dims.map((j) => c[i]![j]!))),
  };
}

const alike = (a: Vector, b: Vector) => a.every((value, i) => value === b[i]);

/** Whether two mixtures of as many components and columns are the same to the bit. */
export function same(a: Mixture, b: Mixture): boolean {
  return (
    a.weights.length === b.weights.length &&
    a.means[0]?.length === b.means[0]?.length &&
    alike(a.weights, b.weights) &&
    a.means.every((mean, k) => alike(mean, b.means[k]!)) &&
    a.covariances.every((c, k) => c.every((row, i) => alike(row, b.covariances[k]![i]!)))
  );
}

/** Interpolate from `a` to `b`, t from 0 to 1; a mean of covariances is a covariance. */
export function between(a: Mixture, b: Mixture, t: number): Mixture {
  const mix = (p: number, q: number) => p + (q - p) * t;
  const row = (p: Vector, q: Vector) => p.map((value, i) => mix(value, q[i]!));
  const grid = (p: Matrix, q: Matrix) => p.map((value, i) => row(value, q[i]!));
  return {
    weights: row(a.weights, b.weights),
    means: grid(a.means, b.means),
    covariances: a.covariances.map((value, k) => grid(value, b.covariances[k]!)),
  };
}

/** `values` with the entry at `index` replaced. */
function replaced<T>(values: readonly T[], index: number, value: T): T[] {
  return values.map((old, i) => (i === index ? value : old));
}

function reweighed(weights: Vector, index: number, weight: number): number[] {
  const rest = 1 - weights[index]!;
  const even = (1 - weight) / Math.max(1, weights.length - 1);
  return weights.map((w, i) =>
    i === index ? weight : rest > 0 ? (w * (1 - weight)) / rest : even,
  );
}

/** How each column follows the two of the plane: (D, 2), the identity on the plane itself. */
function slopes(covariance: Matrix, [p, q]: Dims): Matrix {
  const a = covariance[p]![p]!;
  const b = covariance[p]![q]!;
  const c = covariance[q]![q]!;
  const det = a * c - b * b;
  return covariance.map((row, i) => {
    if (i === p) return [1, 0];
    if (i === q) return [0, 1];
    return [(row[p]! * c - row[q]! * b) / det, (row[q]! * a - row[p]! * b) / det];
  });
}

/*
 * The lifted edit: the marginal in the plane becomes the edited one,
 * and the regression of the other columns on the plane is kept. That is the
 * joint nearest in Kullback-Leibler divergence with the new marginal.
 */
function liftedMean(mean: Vector, slope: Matrix, dims: Dims, goal: Vector): number[] {
  const shift = dims.map((dim, axis) => goal[axis]! - mean[dim]!);
  return mean.map((value, i) => {
    const axis = dims.indexOf(i);
    if (axis >= 0) return goal[axis]!;
    return value + slope[i]![0]! * shift[0]! + slope[i]![1]! * shift[1]!;
  });
}

function liftedCovariance(covariance: Matrix, slope: Matrix, dims: Dims, goal: Matrix): Matrix {
  const change = dims.map((p, a) => dims.map((q, b) => goal[a]![b]! - covariance[p]![q]!));
  return covariance.map((row, i) =>
    row.map((value, j) => {
      const [a, b] = [dims.indexOf(i), dims.indexOf(j)];
      if (a >= 0 && b >= 0) return goal[a]![b]!;
      const [u, v] = [slope[i]!, slope[j]!];
      const left = [0, 1].map((k) => u[0]! * change[0]![k]! + u[1]! * change[1]![k]!);
      return value + left[0]! * v[0]! + left[1]! * v[1]!;
    }),
  );
}

/** The mixture after an edit of component `index`, its covariance projected onto the structure. */
export function place(
  mixture: Mixture,
  index: number,
  dims: Dims,
  patch: Patch,
  structure: Structure,
): Mixture {
  const old = mixture.covariances[index]!;
  const slope = slopes(old, dims);
  const means = patch.mean
    ? replaced(mixture.means, index, liftedMean(mixture.means[index]!, slope, dims, patch.mean))
    : mixture.means;
  const weights =
    patch.weight === undefined ? mixture.weights : reweighed(mixture.weights, index, patch.weight);
  if (!patch.covariance) return { weights, means, covariances: mixture.covariances };
  const edited = liftedCovariance(old, slope, dims, patch.covariance);
  const covariance = structure.constrain(edited, dims);
  const covariances = structure.shared
    ? mixture.covariances.map(() => covariance)
    : replaced(mixture.covariances, index, covariance);
  return { weights, means, covariances };
}
