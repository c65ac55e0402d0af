import { noisePlane, type Plane, sample } from "./noise.ts";

/** Noise that all blocks share; made once per slide, about 0.6 s. */
export type Textures = {
  /** Wavy bundles that run across. */
  readonly fibre: Plane;
  /** Blobs of about 4 px: chromatin, granules. */
  readonly fine: Plane;
  /** Blobs of about 20 px: outlines of nuclei, mottling. */
  readonly soft: Plane;
  /** Blobs of about 130 px: patches of inflammation, pallor. */
  readonly cloud: Plane;
};

export function makeTextures(seed: number): Textures {
  const fibres = [
    { columns: 7, rows: 60, weight: 0.8 },
    { columns: 14, rows: 128, weight: 1 },
    { columns: 40, rows: 300, weight: 0.55 },
  ];
  const waves = [
    { cells: 6, px: 34 },
    { cells: 17, px: 10 },
  ];
  const blobs = (cells: number): { columns: number; rows: number; weight: number }[] => [
    { columns: cells, rows: cells, weight: 1 },
    { columns: cells * 2, rows: cells * 2, weight: 0.5 },
  ];
  return {
    fibre: noisePlane(1_024, seed + 201, fibres, waves),
    fine: noisePlane(256, seed + 202, blobs(64)),
    soft: noisePlane(512, seed + 203, blobs(25)),
    cloud: noisePlane(512, seed + 204, blobs(4)),
  };
}

/** Directions in which fibres run, as cosine and sine. */
const WAYS = [0.15, 0.6, 1.05, 1.5, 1.95, 2.4].map((angle) => [Math.cos(angle), Math.sin(angle), angle] as const);
/** Share of its range over which one direction gives way to the next. */
const CROSSING = 0.45;

/** Density of fibres in [0, 1] at a place; `scale` above 1 makes them finer. `flow` in [0, 1] chooses the direction. */
export function fibreAt({ fibre }: Textures, flow: number, x: number, y: number, scale: number): number {
  const position = wayOf(flow);
  const way = Math.floor(position);
  const own = along(fibre, way, x, y, scale);
  const over = position - way - (1 - CROSSING);
  if (over <= 0 || way === WAYS.length - 1) return own;
  const share = over / CROSSING;
  return own * (1 - share) + along(fibre, way + 1, x, y, scale) * share;
}

/** Angle of the fibres at a place, radians. */
export function fibreAngle(flow: number): number {
  return WAYS[Math.floor(wayOf(flow))]?.[2] ?? 0;
}

function wayOf(flow: number): number {
  return Math.min(WAYS.length - 0.001, Math.max(0, flow * WAYS.length));
}

function along(fibre: Plane, way: number, x: number, y: number, scale: number): number {
  const [cos, sin] = WAYS[way] ?? [1, 0];
  return sample(fibre, (x * cos + y * sin) * scale, (y * cos - x * sin) * scale);
}
