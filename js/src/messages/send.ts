/*
 * What a view sends: the types of commands and messages, from the tables of their fields.
 */
import type { Commands, Messages } from "./commands.ts";

/** A command and its arguments, which may be left out where none is needed. */
export type Send = <Name extends keyof Commands>(
  name: Name,
  ...args: Partial<Commands[Name]> extends Commands[Name]
    ? [args?: Commands[Name]]
    : [args: Commands[Name]]
) => void;

/** A message to the kernel, without its sender and its numbers. */
export type Outgoing =
  | { [Kind in keyof Messages]: { readonly kind: Kind } & Messages[Kind] }[keyof Messages]
  | { readonly kind: "command"; readonly name: keyof Commands; readonly args: object };
