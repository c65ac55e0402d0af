import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "#server/port.ts";
import { until } from "./fake-socket.ts";

const PROGRAMS = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];
const CONFIG = join(import.meta.dirname, "..", "..", "docker", "nginx.conf");

export function nginxProgram(): string | null {
  return PROGRAMS.find((path) => existsSync(path)) ?? null;
}

export type FrontProxy = { readonly base: string; stop(): Promise<void> };

/** nginx with our configuration for nodes, which lie at these ports of this machine instead of in containers. */
export async function startNginx(program: string, ports: readonly number[]): Promise<FrontProxy> {
  const home = mkdtempSync(join(tmpdir(), "concord-nginx-"));
  chmodSync(home, 0o755);
  const port = await freePort(0, "127.0.0.1");
  const nodes = [...ports];
  const site = readFileSync(CONFIG, "utf8")
    .replaceAll(/server [\w-]+:3000/g, () => `server 127.0.0.1:${nodes.shift()}`)
    .replace("listen 80;", `listen 127.0.0.1:${port};`);
  for (const folder of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(home, folder), { mode: 0o777 });
  const paths = ["proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${home}/${each};`);
  const main = `daemon off; worker_processes 1; pid ${home}/pid;
events {}
http { access_log off; client_body_temp_path ${home}/body; ${paths.join(" ")} include ${home}/site.conf; }`;
  writeFileSync(join(home, "site.conf"), site);
  writeFileSync(join(home, "nginx.conf"), main);
  const errors = join(home, "error.log");
  const child = spawn(program, ["-c", join(home, "nginx.conf"), "-p", home, "-e", errors], { stdio: "ignore" });
  const base = `http://127.0.0.1:${port}`;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${readFileSync(errors, "utf8")}`);
    return fetch(base).then(
      () => true,
      () => false,
    );
  }, "nginx answers");
  return {
    base,
    async stop() {
      child.kill("SIGTERM");
      await gone;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
