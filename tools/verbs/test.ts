/** ./dev test: runs all tests, or the selected ones, and ends with one line of totals. */

import { heedInterrupts } from "../cli/interrupted.ts";
import { main } from "../cli/main.ts";
import { WrongUsage } from "../cli/options.ts";
import { print, tell } from "../cli/steps.ts";
import { testFiles } from "../test/files.ts";
import { oneRound } from "../test/round.ts";
import { closingLine } from "../test/results.ts";
import { planOf, readSelection, USAGE } from "../test/selection.ts";
import { openTestStage } from "../test/stage.ts";

await main(async () => {
  const selection = readSelection(Deno.args);
  if (selection === undefined) {
    print(USAGE);
    return 0;
  }
  const { filter } = selection;
  const plan = planOf(selection, testFiles());
  heedInterrupts();
  await using stage = openTestStage();
  for (let round = 1; round <= selection.repeat; round++) {
    const results = await oneRound(selection, { plan, stage });
    if (filter !== undefined && results.passed + results.failed === 0) {
      throw new WrongUsage(`Cannot find a test with "${filter}" in its name`);
    }
    const isOver = results.failed > 0 || round === selection.repeat;
    if (isOver) { for (const name of results.skipped) tell(`skipped: ${name}`); }
    for (const failure of results.failures) tell(`failed:\n${failure}\n`);
    const which = selection.repeat > 1 ? `round ${round} of ${selection.repeat}: ` : "";
    print(`${which}${closingLine(results)}`);
    if (results.failed > 0) return 1;
  }
  return 0;
});
