/** The personal access token of a person of the bench. */
export function concordToken(person: number): string {
  return `cpt_bench-${person}`;
}

/** The id of a room's layer. */
export function concordLayer(room: number): string {
  return `layer${String(room).padStart(6, "0")}`;
}
