/*
 * The messages to the kernel: their fields, and the limits that it holds them to.
 *
 * Written by `python -m js.protocol` from the tables in Python; do not edit.
 */
export const MAX_COMPONENTS = 200; // of a mixture
export const MAX_CHOSEN = 30; // components in a model selection
export const MAX_CORNERS = 512; // of a selected polygon
export const MAX_BINS = 2048; // a side of a grid of counts
export const REGULARISATION = 1e-8; // of the data's variance: the default
export const TOLERANCE = 1e-8; // nats a point that a step gains when EM has converged: the default

/** The arguments of each command. */
export interface Commands {
  add: {
    readonly mean?: readonly number[];
    readonly dims?: readonly number[];
  };
  adopt: {
    readonly optimum: number;
  };
  adopt_cell: {
    readonly k: number;
    readonly structure: string;
  };
  cancel_selection: Record<never, never>;
  carve: {
    readonly polygon: readonly (readonly number[])[];
    readonly dims: readonly number[];
    readonly component?: number;
  };
  delete: {
    readonly component: number;
  };
  e_step: Record<never, never>;
  jump: {
    readonly entry: number;
    readonly step?: number;
  };
  lock: {
    readonly component: number;
    readonly what: "mean" | "covariance" | "weight" | "all";
    readonly on?: boolean;
  };
  m_step: Record<never, never>;
  merge: {
    readonly components: readonly number[];
  };
  redo: Record<never, never>;
  resume_selection: Record<never, never>;
  run: Record<never, never>;
  set_covariance_type: {
    readonly name: string;
  };
  set_dims: {
    readonly dims: readonly number[];
  };
  set_n_components: {
    readonly n: number;
  };
  set_speed: {
    readonly steps: number | null;
  };
  split: {
    readonly component: number;
  };
  start_selection: {
    readonly most: number;
    readonly criteria: readonly string[];
  };
  step: Record<never, never>;
  stop: Record<never, never>;
  tune: {
    readonly softness?: number;
    readonly regularisation?: number;
    readonly concentration?: number | null;
  };
  undo: Record<never, never>;
}

/** The fields of each other kind of message. */
export interface Messages {
  hello: {
    readonly data_rev: number;
    readonly rev?: number;
  };
  goodbye: Record<never, never>;
  data_ack: {
    readonly data_rev: number;
    readonly index: number;
  };
  memberships: {
    readonly data_rev: number;
    readonly index: number;
  };
  region: {
    readonly data_rev: number;
    readonly extent: readonly number[];
    readonly shape: readonly number[];
  };
  search: {
    readonly starts: number;
  };
  edit: {
    readonly gesture: number;
    readonly final: boolean;
    readonly component: number;
    readonly dims: readonly number[];
    readonly mean?: readonly number[] | null;
    readonly covariance?: readonly (readonly number[])[] | null;
    readonly weight?: number | null;
  };
}
