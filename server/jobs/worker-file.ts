import { fileURLToPath } from "node:url";

/**
 * A program for a worker thread, for a pool. In the built server a bundle beside the server's; from sources a .ts file,
 * whose loader a thread does not inherit.
 * @param beside `import.meta.url` of the asking module, in whose folder the program lies
 */
export function workerFile(beside: string, name: string): { readonly filename: string; readonly execArgv: string[] } {
  if (!beside.endsWith(".ts")) {
    return { filename: fileURLToPath(new URL(`./${name}.mjs`, beside)), execArgv: [] };
  }
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const source = `import { register } from ${loader}; register();`;
  return {
    filename: fileURLToPath(new URL(`./${name}.ts`, beside)),
    execArgv: ["--import", `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`],
  };
}
