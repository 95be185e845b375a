/*
 * Vectors and matrices as plain arrays of rows.
 */
export type Vector = readonly number[];
export type Matrix = readonly (readonly number[])[];
