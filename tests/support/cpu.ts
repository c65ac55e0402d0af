/**
 * CPU time that this process has used, ms. What must not run away is bounded by it: a busy machine makes things late,
 * not more work. A hang is ended by the test's own time limit.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
