import { afterEach, describe, expect, it } from "vitest";
import { createHttp, type Http } from "#server/http.ts";
import { SILENT_LOG } from "#server/log.ts";
import { Histogram, type Metric, metricsText, processMetrics, Tally } from "#server/metrics.ts";
import { createMetricsRoute } from "#server/metrics-route.ts";

const TOKEN = "a token of the operator";
const METRICS: readonly Metric[] = [{ type: "gauge", name: "rooms", value: 3 }];
const opened: Http[] = [];

afterEach(async () => {
  for (const http of opened.splice(0)) await http.close(0);
});

async function listening(token: string | null): Promise<string> {
  const http = createHttp({
    url: "http://localhost:3000",
    api: (_req, res) => void res.end("api"),
    metrics: createMetricsRoute(token, () => METRICS),
    internal: (_req, res) => void res.end(),
    internalKey: "key",
    tiles: async () => false,
    sync: { upgrade: (_req, socket) => void socket.destroy() },
    next: null,
    dev: false,
    log: SILENT_LOG,
  });
  opened.push(http);
  return `http://127.0.0.1:${await http.listen(0, "127.0.0.1")}/api/metrics`;
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe("metrics", () => {
  it("[MET1] are read by who bears the operator's token, and are not there without one", async () => {
    const address = await listening(TOKEN.replaceAll(" ", "-"));
    const right = await fetch(address, bearer(TOKEN.replaceAll(" ", "-")));
    expect(right.status).toBe(200);
    expect(right.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(right.headers.get("cache-control")).toBe("no-store");
    expect(await right.text()).toBe("# TYPE concord_rooms gauge\nconcord_rooms 3\n");
    for (const wrong of [{}, bearer("something else"), { headers: { authorization: TOKEN } }]) {
      const answer = await fetch(address, wrong);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ code: "not-signed-in" });
    }
    expect((await fetch(address, { method: "POST", ...bearer(TOKEN.replaceAll(" ", "-")) })).status).toBe(405);
    const none = await listening(null);
    expect((await fetch(none)).status).toBe(404);
    expect((await fetch(none, bearer("null"))).status).toBe(404);
  });

  it("[MET2] are written as Prometheus reads them", () => {
    const histogram = new Histogram([5, 50]);
    for (const value of [1, 5, 20, 900]) histogram.observe(value);
    const tally = new Tally<"too-slow" | "frame-malformed">();
    for (const code of ["too-slow", "frame-malformed", "too-slow"] as const) tally.add(code);
    const text = metricsText([
      { type: "counter", name: "turns", value: 7 },
      { type: "tally", name: "refusals", label: "code", tally },
      { type: "histogram", name: "ack_ms", histogram },
    ]);
    expect(text.trim().split("\n")).toEqual([
      "# TYPE concord_turns_total counter",
      "concord_turns_total 7",
      "# TYPE concord_refusals_total counter",
      'concord_refusals_total{code="too-slow"} 2',
      'concord_refusals_total{code="frame-malformed"} 1',
      "# TYPE concord_ack_ms histogram",
      'concord_ack_ms_bucket{le="5"} 2',
      'concord_ack_ms_bucket{le="50"} 3',
      'concord_ack_ms_bucket{le="+Inf"} 4',
      "concord_ack_ms_sum 926",
      "concord_ack_ms_count 4",
    ]);
  });

  it("[MET2] tell of the process and its connections to the database", () => {
    const metrics = processMetrics({ lagMs: () => 1.5 }, { totalCount: 4, idleCount: 3, waitingCount: 0 });
    const text = metricsText(metrics);
    expect(text).toContain("concord_process_lag_ms 1.5\n");
    expect(text).toContain("concord_database_connections 4\n");
    expect(text).toMatch(/^concord_process_cpu_seconds_total [\d.]+$/m);
  });
});
