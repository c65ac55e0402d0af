#!/usr/bin/env bash
# Builds the image without a container engine and starts the product in it, on Debian, as root:
# a debootstrap root with this machine's Node stands in for the base image. Also checks the compose files.
set -euo pipefail
cd "$(dirname "$0")/.."
base=docker.io/library/node:20-bookworm-slim
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

missing=()
for tool in debootstrap podman buildah docker-compose; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -qq
  apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null
fi

for file in compose.yaml compose.nodes.yaml; do
  echo "$file"
  CONCORD_SECRET=check CONCORD_DB_PASSWORD=check CONCORD_URL=https://concord.example \
    docker-compose -f "docker/$file" config >/dev/null
done

echo "base image"
if ! buildah --storage-driver vfs images --quiet "$base" >/dev/null 2>&1; then
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/root" >"$work/debootstrap.log"
  node_home="$(cd "$(dirname "$(readlink -f "$(command -v node)")")/.." && pwd)"
  mkdir -p "$work/root/usr/local/bin" "$work/root/usr/local/lib/node_modules"
  cp "$node_home/bin/node" "$work/root/usr/local/bin/node"
  cp -r "$node_home/lib/node_modules/npm" "$work/root/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/root/usr/local/bin/npx"
  chroot "$work/root" useradd --uid 1000 --create-home node
  # The build asks the same package sources as this machine.
  cp /etc/apt/sources.list "$work/root/etc/apt/sources.list" 2>/dev/null || true
  cp -r /etc/apt/. "$work/root/etc/apt/" 2>/dev/null || true
  if [ -f "$HOME/.npmrc" ]; then cp "$HOME/.npmrc" "$work/root/root/.npmrc"; fi
  changes=()
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    # A network with a certificate authority of its own.
    cp "$NODE_EXTRA_CA_CERTS" "$work/root/usr/local/share/extra-ca.crt"
    changes=(--change "ENV NODE_EXTRA_CA_CERTS=/usr/local/share/extra-ca.crt")
  fi
  tar -C "$work/root" -c . | podman --storage-driver vfs import "${changes[@]}" - "$base" >/dev/null
fi

echo "image"
buildah --storage-driver vfs bud --isolation chroot --network host --pull-never --format docker \
  --tag concord:check -f docker/Dockerfile .

echo "start"
container="$(buildah --storage-driver vfs from --pull-never concord:check)"
buildah --storage-driver vfs run --isolation chroot --network host --user node \
  --env PORT=3999 --env CONCORD_DATA=/data --env CONCORD_DEMO_WIDTH=1024 "$container" -- \
  node --enable-source-maps dist/main.mjs >"$work/run.log" 2>&1 &
runner=$!
for _ in $(seq 1 90); do
  if node -e "fetch('http://127.0.0.1:3999/api/health').then((r) => r.json()).then((b) => { console.log(JSON.stringify(b)); process.exit(b.status === 'ok' ? 0 : 1); }, () => process.exit(1))"; then
    echo "the image starts as an ordinary user and is healthy"
    kill "$runner" && wait "$runner" || true
    buildah --storage-driver vfs rm "$container" >/dev/null
    exit 0
  fi
  kill -0 "$runner" 2>/dev/null || break
  sleep 1
done
cat "$work/run.log"
exit 1
