// Adds up the reports of all test runs, prints one closing line, and fails where a test was skipped or none ran.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
const reports = readdirSync(folder).filter((name) => name.endsWith(".json"));
const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of reports) {
  const report = JSON.parse(readFileSync(join(folder, name), "utf8"));
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
if (reports.length < 2 || total.passed === 0 || total.failed > 0 || total.skipped > 0) process.exit(1);
