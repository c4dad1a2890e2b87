/**
 * Watches every chart at work: how many events it takes and how long that lasts.
 * @module
 */

import type { Chart } from "../../lib/chart.ts";
import { clientOpeningChart } from "../../lib/opening/client_opening_chart.ts";
import { serverOpeningChart } from "../../lib/opening/server_opening_chart.ts";
import { clientChart } from "../../lib/tls12/client_chart.ts";
import { serverChart } from "../../lib/tls12/server_chart.ts";

export interface ChartWatch {
  /** Events taken since the watch began. */
  readonly events: number;
  /** Time within `begin` and `next` since the watch began, in ms. */
  readonly time: number;
  end(): void;
}

/** Begins to watch all four charts. */
export function watchCharts(): ChartWatch {
  const seen = { events: 0, time: 0 };
  const ends = [
    watch(clientOpeningChart, seen),
    watch(serverOpeningChart, seen),
    watch(clientChart, seen),
    watch(serverChart, seen),
  ];
  return {
    get events() {
      return seen.events;
    },
    get time() {
      return seen.time;
    },
    end: () => ends.forEach((end) => end()),
  };
}

function watch<Context, Event, Commands, Tag extends string>(
  chart: Chart<Context, Event, Commands, Tag>,
  seen: { events: number; time: number },
): () => void {
  const { begin, next } = chart;
  const timed = <Result>(work: () => Result): Result => {
    const start = performance.now();
    try {
      return work();
    } finally {
      seen.time += performance.now() - start;
    }
  };
  chart.begin = (facts) => timed(() => begin(facts));
  chart.next = (snapshot, event) => {
    seen.events++;
    return timed(() => next(snapshot, event));
  };
  return () => {
    chart.begin = begin;
    chart.next = next;
  };
}
