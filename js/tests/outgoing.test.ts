/*
 * The order in which a view speaks: one edit in flight, the latest only,
 * and commands in line.
 */
import { beforeEach, expect, it } from "vitest";
import { SendQueue } from "../src/kernel/outgoing.ts";
import type { Commands } from "../src/messages/commands.ts";
import type { Outgoing } from "../src/messages/send.ts";

let sent: (Outgoing & { seq: number })[];
let sendQueue: SendQueue;

beforeEach(() => {
  sent = [];
  sendQueue = new SendQueue("me", (message) => sent.push(message));
});

const edit = (gesture: number, value: number, final = false) => ({
  kind: "edit" as const,
  gesture,
  final,
  component: 0,
  dims: [0, 1],
  weight: value,
});
const command = (name: keyof Commands): Outgoing => ({ kind: "command", name, args: {} });
const values = () =>
  sent.map((message) =>
    "weight" in message ? message.weight : "name" in message ? message.name : undefined,
  );
const one = (seq: number) => (other: number) => other === seq;

it("numbers what it sends, and counts what is done in order", () => {
  sendQueue.push(edit(1, 1));
  sendQueue.now({ kind: "hello", data_rev: -1 });
  expect(sent.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(sent[0]).toMatchObject({ client: "me", kind: "edit", line: 1, oldest: 1 });
  expect(sent[1]).not.toHaveProperty("line");
});

it("keeps one edit in flight and only the latest waiting", () => {
  for (let i = 1; i <= 50; i++) sendQueue.push(edit(1, i));
  expect(values()).toEqual([1]);
  sendQueue.acknowledge(one(1));
  expect(values()).toEqual([1, 50]);
  sendQueue.acknowledge(one(2));
  expect(values()).toEqual([1, 50]);
});

it("never drops the last word of a gesture for the next gesture", () => {
  sendQueue.push(edit(1, 1));
  sendQueue.push(edit(1, 2, true));
  sendQueue.push(edit(2, 3));
  sendQueue.push(edit(2, 4));
  sendQueue.acknowledge(one(1));
  sendQueue.acknowledge(one(2));
  expect(values()).toEqual([1, 2, 4]);
});

it("keeps every command, in its place between the edits", () => {
  sendQueue.push(edit(1, 1));
  sendQueue.push(edit(1, 2));
  for (const name of ["step", "step", "undo"] as const) sendQueue.push(command(name));
  expect(values()).toEqual([1]);
  sendQueue.acknowledge(one(1));
  expect(values()).toEqual([1, 2, "step", "step", "undo"]);
});

it("sends the last edit of a gesture at once, in place of those that wait", () => {
  for (const value of [1, 2, 3]) sendQueue.push(edit(1, value));
  sendQueue.push(edit(1, 4, true));
  expect(values()).toEqual([1, 4]);
  sendQueue.push(edit(2, 5));
  expect(values()).toEqual([1, 4]);
  sendQueue.acknowledge(one(1));
  expect(values()).toEqual([1, 4]);
  sendQueue.acknowledge(one(2));
  expect(values()).toEqual([1, 4, 5]);
});

it("sends commands at once while another command is unanswered", () => {
  sendQueue.push(command("run"));
  sendQueue.push(command("stop"));
  expect(values()).toEqual(["run", "stop"]);
});

it("is not held up by an edit whose answer was lost", () => {
  sendQueue.push(edit(1, 1));
  sendQueue.push(edit(1, 2, true));
  sendQueue.acknowledge((seq) => seq <= 1);
  expect(values()).toEqual([1, 2]);
});

it("does not take the answer to a greeting for the answer to an edit", () => {
  sendQueue.push(edit(1, 1));
  sendQueue.now({ kind: "data_ack", data_rev: 1, index: 0 });
  sendQueue.push(edit(1, 2));
  sendQueue.acknowledge(one(2));
  expect(values().filter((value) => value !== undefined)).toEqual([1]);
});

it("knows how long it has waited, receipts apart", () => {
  sendQueue.now({ kind: "data_ack", data_rev: 1, index: 0 });
  expect(sendQueue.waited(performance.now() + 9999)).toBe(0);
  sendQueue.push(edit(1, 1));
  expect(sendQueue.waited(performance.now() + 5000)).toBeGreaterThanOrEqual(5000);
  expect(sendQueue.answered).toBe(false);
  sendQueue.acknowledge(one(2));
  expect(sendQueue.waited(performance.now() + 9999)).toBe(0);
  expect(sendQueue.answered).toBe(true);
});

it("sends again what is not answered: in order, under the same numbers, as it was", () => {
  sendQueue.push(command("split"));
  sendQueue.push(edit(1, 1));
  sendQueue.push(command("undo"));
  sendQueue.acknowledge(one(1));
  const before = sent.slice(1).map((message) => ({ ...message, oldest: 2 }));
  sent = [];
  sendQueue.resend(1e6);
  expect(sent).toEqual(before);
  sendQueue.acknowledge((seq) => seq <= 3);
  sent = [];
  sendQueue.resend(2e6);
  expect(sent).toEqual([]);
});

it("takes many requests to send again in one moment as one", () => {
  sendQueue.push(command("split"));
  for (let i = 0; i < 50; i++) sendQueue.resend(1e6 + i);
  expect(sent.length).toBe(2);
  sendQueue.resend(1e6 + 200);
  expect(sent.length).toBe(3);
});

it("repeats the latest question of a kind only, and no receipt", () => {
  const shape = [4, 4];
  sendQueue.now({ kind: "region", data_rev: 1, extent: [0, 1, 0, 1], shape });
  sendQueue.now({ kind: "region", data_rev: 1, extent: [0, 2, 0, 2], shape });
  sendQueue.now({ kind: "data_ack", data_rev: 1, index: 0 });
  sent = [];
  sendQueue.resend(1e6);
  expect(sent).toMatchObject([{ kind: "region", extent: [0, 2, 0, 2] }]);
});
