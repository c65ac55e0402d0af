import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));

/** @type {import("next").NextConfig} */
export default {
  output: "standalone",
  outputFileTracingRoot: root,
  turbopack: { root },
  reactStrictMode: true,
  poweredByHeader: false,
  // Answers are compressed, if at all, by what stands in front; here it would only add latency on loopback.
  compress: false,
  images: { unoptimized: true },
  // `npm run types` checks the whole project once; a first start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
};
