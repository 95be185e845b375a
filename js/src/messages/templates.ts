/*
 * The words of coded texts: labels of the history and notices.
 *
 * Written by `python -m js.protocol` from the tables in Python; do not edit.
 */
export const TEMPLATES: Readonly<Record<string, string>> = {
  start: "start",
  moved: "moved {components}",
  shaped: "shaped {components}",
  reweighed: "reweighed {components}",
  added: "added {components}",
  deleted: "deleted {components}",
  split: "split {components}",
  merged: "merged {components}",
  resized: "{before} to {n_components}",
  restructured: "{before} to {after}",
  locked: "locked {components}",
  locked_part: "locked {components} ({part})",
  unlocked: "unlocked {components}",
  unlocked_part: "unlocked {components} ({part})",
  assigned: "assigned a mixture",
  step: "EM step",
  m_step: "M step",
  carve: "component from a selection",
  run: "run of {steps}",
  held: "held {components} for {steps}",
  adopted: "adopted optimum {optimum} of {optima}",
  chosen: "chose {structure}, {n_components}",
  expected: "expected mixture",
  refused: "{reason}",
  collapsed: "Component {components} collapsed: {cause}; {remedy}, or undo",
  no_memory: "not enough memory; nothing has changed ({reason})",
  unexpected: "unexpected {type}: {reason}; the kernel's log has more",
  data_replaced: "Other data: the mixture stays, the history begins anew",
  selection_dropped: "The model selection was of the old data: start it again",
  remark: "{reason}",
};

/** Slots whose value is a number of these. */
export const COUNTED: Readonly<Record<string, string>> = {
  steps: "EM step",
  n_components: "component",
};
