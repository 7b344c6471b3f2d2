/** `.properties` files are parsed as java.util.Properties does. */

import assert from "node:assert/strict";
import { propertiesIn } from "../../../orchestrator/outcome/properties.ts";

const pairs = (text: string) => propertiesIn(text).map(({ key, value }) => [key, value]);

Deno.test("the example in the specification of java.util.Properties gives the values that it states", () => {
  assert.deepEqual(
    pairs(
      "Truth = Beauty\n Truth:Beauty\nTruth                    :Beauty\n" +
        "fruits                           apple, banana, pear, \\\n" +
        "                                 cantaloupe, watermelon, \\\n" +
        "                                 kiwi, mango\ncheeses\n",
    ),
    [
      ["Truth", "Beauty"],
      ["Truth", "Beauty"],
      ["Truth", "Beauty"],
      ["fruits", "apple, banana, pear, cantaloupe, watermelon, kiwi, mango"],
      ["cheeses", ""],
    ],
  );
});

Deno.test("separators, escapes, comments and line ends follow java.util.Properties", () => {
  const cases: readonly [string, readonly (readonly string[])[]][] = [
    ["a\\:b\\=c\\ d=e", [["a:b=c d", "e"]]],
    ["a==b", [["a", "=b"]]],
    ["a = : b", [["a", ": b"]]],
    ["a\\tb \\u0041\\x\\\\", [["a\tb", "Ax\\"]]],
    ["# no\\\na=1\r\n  ! no\r\r\nb=2\rc=3", [["a", "1"], ["b", "2"], ["c", "3"]]],
    ["a=one\\\r\n\t two\\\\\nb=3", [["a", "onetwo\\"], ["b", "3"]]],
    ["a=one\\\n\\\n# still", [["a", "one# still"]]],
    ["a=end\\", [["a", "end"]]],
    ["=x\n", [["", "x"]]],
    ["a=trailing \n", [["a", "trailing "]]],
  ];
  for (const [text, expected] of cases) assert.deepEqual(pairs(text), expected, text);
});

Deno.test("a property has its value with and without escapes", () => {
  assert.deepEqual(propertiesIn("p = a\\:b\\\n  c"), [{ key: "p", value: "a:bc", raw: "a\\:bc" }]);
});
