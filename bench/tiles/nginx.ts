import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { treeCpuMs } from "#bench/support/process-tree.ts";
import { freePort } from "#server/port.ts";

export type Nginx = {
  readonly base: string;
  cpuMs(): number;
  stop(): Promise<void>;
};

/** Whether a program answers at all. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ["-v"]).error === undefined;
}

/** nginx with so many workers, giving the files of a folder. */
export async function startNginx(folder: string, files: string, workers: number): Promise<Nginx> {
  const port = await freePort(0, "127.0.0.1");
  const home = join(folder, `nginx-${workers}`);
  mkdirSync(home, { recursive: true });
  const config = join(home, "nginx.conf");
  writeFileSync(config, configOf({ home, files, workers, port }));
  const child = spawn("nginx", ["-c", config, "-p", home, "-e", join(home, "error.log")], { stdio: "ignore" });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const base = `http://127.0.0.1:${port}`;
  for (let waited = 0; waited < 5_000 && !(await answers(base)); waited += 50) await delay(50);
  return {
    base,
    cpuMs: () => treeCpuMs(child.pid ?? 0) ?? Number.NaN,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function answers(base: string): Promise<boolean> {
  return await fetch(base).then(
    () => true,
    () => false,
  );
}

function configOf(at: { home: string; files: string; workers: number; port: number }): string {
  // The files belong to whoever measures; as root nginx would read them as somebody else.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `${user}
daemon off;
worker_processes ${at.workers};
pid ${at.home}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  open_file_cache max=20000 inactive=60s;
  default_type image/jpeg;
  client_body_temp_path ${at.home}/body;
  proxy_temp_path ${at.home}/proxy;
  fastcgi_temp_path ${at.home}/fastcgi;
  uwsgi_temp_path ${at.home}/uwsgi;
  scgi_temp_path ${at.home}/scgi;
  server {
    listen 127.0.0.1:${at.port};
    root ${at.files};
    location / { add_header Cache-Control "private, max-age=31536000, immutable"; }
  }
}
`;
}
