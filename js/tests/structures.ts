/*
 * The structures that the kernel sends.
 */
import { type Structure, structureWith } from "../src/maths/structures.ts";
import sent from "./structures.json";

export const STRUCTURES: Readonly<Record<string, Structure>> = Object.fromEntries(
  sent.map((traits) => [traits.name, structureWith(traits)]),
);

export const structureOf = (name: string): Structure => STRUCTURES[name]!;
