import {
  Ban,
  Circle,
  CircleDot,
  Cross,
  Diamond,
  Droplet,
  Flame,
  Grid3x3,
  Hexagon,
  Leaf,
  type LucideIcon,
  Shield,
  Sparkles,
  Spline,
  Square,
  Star,
  Triangle,
  Waves,
  Zap,
} from "lucide-react";
import { inkOn } from "./ink.ts";

/** Signs that a class can have beside its colour, by the name that the guideline keeps. */
export const CLASS_SIGNS: Readonly<Record<string, LucideIcon>> = {
  circle: Circle,
  dot: CircleDot,
  square: Square,
  triangle: Triangle,
  diamond: Diamond,
  hexagon: Hexagon,
  star: Star,
  cross: Cross,
  droplet: Droplet,
  leaf: Leaf,
  flame: Flame,
  shield: Shield,
  waves: Waves,
  grid: Grid3x3,
  vessel: Spline,
  bolt: Zap,
  sparkles: Sparkles,
  ban: Ban,
};

/** The sign of a class on its colour; nothing for a name that is not known here. */
export function ClassSign({ icon, colour }: { readonly icon: string; readonly colour: string }) {
  const Sign = CLASS_SIGNS[icon];
  return Sign === undefined ? null : <Sign aria-hidden className="size-3" strokeWidth={2.5} color={inkOn(colour)} />;
}
