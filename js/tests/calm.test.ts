/*
 * Figures under a hand: on every frame if they cost little, else no more often
 * than can be read, never stale once it has let go, and nothing left when the
 * view ends.
 */
import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchPaced } from "../src/base/lifetime.ts";

const [hand, value] = [signal(false), signal(0)];
let seen: number[] = [];
let end = new AbortController();
let [clock, cost] = [0, 5];

beforeEach(() => {
  vi.useFakeTimers();
  cost = 5;
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  hand.value = false;
  value.value = 0;
  seen = [];
  end = new AbortController();
  watchPaced(end.signal, hand, () => {
    seen.push(value.value);
    clock += cost;
  });
});

afterEach(() => {
  end.abort();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Set the value to each number from 1, so many milliseconds apart. */
function move(times: number, apart: number): void {
  for (let i = 1; i <= times; i++) {
    value.value = i;
    vi.advanceTimersByTime(apart);
  }
}

it("follows at once where no hand is", () => {
  move(3, 0);
  expect(seen).toEqual([0, 1, 2, 3]);
});

it("follows a hand from time to time, and is right as soon as that lets go", () => {
  hand.value = true;
  move(32, 10);
  expect(seen.length).toBeGreaterThan(3);
  expect(seen.length).toBeLessThan(9);
  hand.value = false;
  expect(seen.at(-1)).toBe(32);
});

it("follows a hand at once where that costs little", () => {
  cost = 0.2;
  hand.value = true;
  move(5, 10);
  expect(seen.slice(-5)).toEqual([1, 2, 3, 4, 5]);
});

it("comes to what a hand that rests has made", () => {
  hand.value = true;
  move(5, 1);
  expect(seen.at(-1)).toBe(0);
  vi.advanceTimersByTime(200);
  expect(seen.at(-1)).toBe(5);
});

it("leaves no timer when the view ends", () => {
  hand.value = true;
  value.value = 1;
  end.abort();
  expect(vi.getTimerCount()).toBe(0);
});
