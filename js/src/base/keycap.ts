/*
 * Names of keys as they are printed on this machine's keyboard: Cmd on a Mac.
 */
const apple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** A chord as people write it on this machine, such as "Ctrl Shift Z" or "⌘ ⇧ Z". */
export function chord(key: string, shift = false): string {
  const names = apple ? ["⌘", shift ? "⇧" : ""] : ["Ctrl", shift ? "Shift" : ""];
  return [...names.filter((name) => name !== ""), key].join(" ");
}
